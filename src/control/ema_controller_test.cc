#include <gtest/gtest.h>

#include "control/adaptive_tier.h"
#include "control/controller_fixture.h"

namespace turbospec {
namespace {

class Tier : public ::testing::Test {
 protected:
  void Of(std::vector<int> depths, int initial, double down_hysteresis = 0) {
    tier_ = std::make_unique<AdaptiveTier>(
        TierOptions{.depths = std::move(depths), .down_hysteresis = down_hysteresis}, initial);
  }
  int After(int steps, double accepted) {
    for (int i = 0; i < steps; ++i) tier_->Observe(accepted);
    return tier_->depth();
  }
  std::unique_ptr<AdaptiveTier> tier_;
};

TEST_F(Tier, HoldsStillThroughTheWarmUpAndThenMovesEveryFifthStep) {
  Of({1, 3, 5, 7}, 3);
  EXPECT_EQ(After(14, 3), 3);
  EXPECT_EQ(After(1, 3), 5);
  EXPECT_EQ(After(4, 5), 5);
  EXPECT_NEAR(tier_->accepted_length(), 5 - 2.035 * std::pow(0.8, 4), 0.001);
}

TEST_F(Tier, ClimbsOneDepthAfterTheOtherWhileAllIsAccepted) {
  Of({1, 3, 5, 7}, 1);
  EXPECT_EQ(After(15, 1), 3);
  EXPECT_EQ(After(5, 3), 3);  // 3 - 2 * 0.8^5 = 2.3, not yet above 2.5
  EXPECT_EQ(After(5, 3), 5);
}

TEST_F(Tier, FallsSeveralDepthsAtOnce) {
  Of({1, 3, 5, 7}, 7);
  EXPECT_EQ(After(15, 0), 1);
}

TEST_F(Tier, HysteresisKeepsADepthThatIsLittleTooHigh) {
  Of({1, 3, 5, 7}, 3, -0.25);
  EXPECT_EQ(After(100, 0.4), 3);
  Of({1, 3, 5, 7}, 3, 0);
  EXPECT_EQ(After(100, 0.4), 1);
}

TEST_F(Tier, ProbesTheSmallestDepthAfterEveryIntervalOfZero) {
  Of({0, 1, 3}, 3);
  EXPECT_EQ(After(15, 0), 0);
  EXPECT_EQ(After(4, 0), 0);
  EXPECT_EQ(After(1, 0), 1);  // the probe
  EXPECT_EQ(After(4, 0), 1);
  EXPECT_EQ(After(1, 0), 0);
}

TEST_F(Tier, ASuccessfulProbeStays) {
  Of({0, 1, 3}, 3);
  After(15, 0);
  After(5, 0);
  EXPECT_EQ(After(5, 1), 3);  // 1 - 0.93 * 0.8^5 = 0.69 > 0.5
}

TEST_F(Tier, NothingIsLearnedAtDepthZero) {
  Of({0, 1}, 1);
  After(15, 0);
  ASSERT_EQ(tier_->depth(), 0);
  const double before = tier_->accepted_length();
  After(4, 0);
  EXPECT_EQ(tier_->accepted_length(), before);
}

TEST_F(Tier, ATierThatBeganAtZeroProbesFromANeutralAverage) {
  Of({0, 3}, 0);
  EXPECT_EQ(tier_->accepted_length(), -1);
  EXPECT_EQ(After(15, 0), 3);
  EXPECT_EQ(tier_->accepted_length(), 2);
}

TEST_F(Tier, WithoutAChoiceItStays) {
  Of({0}, 3);
  EXPECT_EQ(After(100, 0), 0);
}

using Ema = ControllerTest;

TEST_F(Ema, MoreRequestsHaveSmallerDepthsToChooseFrom) {
  Use("ema");
  for (const auto& [requests, depth] :
       {std::pair(1, 3), std::pair(7, 3), std::pair(8, 3), std::pair(31, 3), std::pair(32, 1),
        std::pair(63, 1), std::pair(64, 0), std::pair(500, 0)}) {
    Running(requests);
    EXPECT_EQ(Step(Accepting(1)), depth) << requests;
  }
}

TEST_F(Ema, GoesDeeperForOneRequestWhoseDraftsAreGood) {
  Use("ema");
  Running(1);
  Steps(40, Accepting(100));
  EXPECT_EQ(Step(Accepting(100)), 7);
}

TEST_F(Ema, SlotsLearnApart) {
  Use("ema");
  Running(8);
  Steps(15, Accepting(0));
  EXPECT_EQ(Step(Accepting(0)), 0);
  Running(1);
  EXPECT_EQ(Step(Accepting(0)), 3);
}

TEST_F(Ema, EasyAndHardRequestsShareOneDepth) {
  Use("ema");
  Running(2);
  const auto mixed = [](std::size_t request) { return request == 0 ? 100 : 0; };
  Steps(60, mixed);
  Draft();
  EXPECT_EQ(evidence_[0].size(), evidence_[1].size());
}

TEST_F(Ema, ContinuesAfterAStepInWhichEverythingFailed) {
  Use("ema");
  Running(1);
  Draft();
  Verify();
  const RequestOutcome failed{.evidence = evidence_[0], .failed = true};
  controller_->Learn({.view = View(), .requests = {&failed, 1}, .draft_passes = {}});
  EXPECT_EQ(Step(Accepting(3)), 3);
}

}  // namespace
}  // namespace turbospec
