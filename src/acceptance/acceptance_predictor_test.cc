#include "acceptance/acceptance_predictor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "acceptance/acceptance_fixture.h"

namespace turbospec {
namespace {

TEST(AcceptancePredictor, StartsFromTheProfilesPrior) {
  AcceptancePredictor predictor({.prior_acceptance = {0.3, 0.8}, .prior_spread = 0.1});
  double lookup = 0;
  double draft = 0;
  const auto handle = predictor.Find(kRequest);
  const LookupMatch ordinary{.length = 3, .occurrences = 1, .agreeing = 1, .available = 1};
  predictor.Expected(handle, ProposerKind::kPromptLookup, 1, ordinary, {&lookup, 1});
  predictor.Expected(handle, ProposerKind::kDraftModel, 1, {}, {&draft, 1});
  EXPECT_NEAR(lookup, 0.3, 0.05);
  EXPECT_NEAR(draft, 0.8, 0.05);
}

TEST(AcceptancePredictor, TakesAcceptedTokensAndTheFirstRejectedAsLabels) {
  Fixture f;
  f.Learn(Drafted(6), 5, 3);
  EXPECT_EQ(f.Labels(), 4);
  EXPECT_NEAR(f.predictor.calibration().expected[1].MeanObserved(), 0.75, 1e-9);
  EXPECT_EQ(f.predictor.calibration().given[1].count(), 4);
}

TEST(AcceptancePredictor, UnverifiedTokensAreNoLabels) {
  Fixture f;
  f.Learn(Drafted(8), 3, 3);
  EXPECT_EQ(f.Labels(), 3);
  EXPECT_NEAR(f.predictor.calibration().expected[1].MeanObserved(), 1, 1e-9);
  f.Learn(Drafted(8), 0, 0);
  EXPECT_EQ(f.Labels(), 3);
}

TEST(AcceptancePredictor, AStopBeforeTheTargetsTokenIsNoRejection) {
  Fixture f;
  const auto evidence = Drafted(6);
  f.predictor.Learn(kRequest, {.evidence = evidence, .verified = 5, .accepted = 3, .committed = 3},
                    true);
  EXPECT_EQ(f.Labels(), 3);
  EXPECT_NEAR(f.predictor.calibration().expected[1].MeanObserved(), 1, 1e-9);
}

TEST(AcceptancePredictor, IgnoresWhatContradictsItself) {
  Fixture f;
  const auto evidence = Drafted(4);
  const auto learn = [&](int verified, int accepted, int committed, bool failed = false) {
    f.predictor.Learn(kRequest,
                      {.evidence = evidence,
                       .verified = verified,
                       .accepted = accepted,
                       .committed = committed,
                       .failed = failed},
                      true);
  };
  learn(2, 3, 4);   // more accepted than verified
  learn(5, 4, 5);   // more verified than proposed
  learn(4, -1, 0);  // negative
  learn(4, 1, 4);   // more committed than can be
  learn(std::numeric_limits<int>::max(), std::numeric_limits<int>::max(), 0);
  learn(4, 2, 3, true);
  const LookupScore impossible[] = {{.match = kMatch, .scored = 5, .agreed = 2},
                                    {.match = kMatch, .scored = 1, .agreed = 2},
                                    {.match = kMatch, .scored = 0, .agreed = -1},
                                    {.match = {}, .scored = 2, .agreed = 1}};
  for (const LookupScore& score : impossible) {
    f.predictor.Learn(kRequest, {.evidence = {}, .unused_lookup = score}, true);
  }
  f.predictor.Tick();
  EXPECT_EQ(f.Labels(), 0);
  EXPECT_EQ(f.Expected(), Fixture().Expected());
}

TEST(AcceptancePredictor, AnswersFromTheLastTickOnly) {
  Fixture f;
  f.Accepts(2, 5);
  const double before = f.Expected();
  const double given = f.Given(-0.5F);
  f.Learn(Drafted(4), 4, 0);
  EXPECT_EQ(f.Expected(), before);
  EXPECT_EQ(f.Given(-0.5F), given);
  f.predictor.Tick();
  EXPECT_LT(f.Expected(), before);
}

TEST(AcceptancePredictor, OrderOfRequestsWithinAStepChangesNoBit) {
  Fixture forward;
  Fixture backward;
  for (int step = 0; step < 50; ++step) {
    for (RequestId r = 0; r < 20; ++r) {
      forward.Learn(Drafted(8, -0.01F * static_cast<float>(r)), 8, static_cast<int>(r * 7 % 9), r);
    }
    for (RequestId r = 20; r-- > 0;) {
      backward.Learn(Drafted(8, -0.01F * static_cast<float>(r)), 8, static_cast<int>(r * 7 % 9), r);
    }
    if (step % 10 == 9) {
      for (RequestId r = 0; r < 20; ++r) forward.predictor.Forget(r);
      for (RequestId r = 20; r-- > 0;) backward.predictor.Forget(r);
    }
    forward.predictor.Tick();
    backward.predictor.Tick();
    for (RequestId r = 0; r < 20; ++r) {
      ASSERT_EQ(forward.Expected(r), backward.Expected(r));
      ASSERT_EQ(forward.Given(-0.3F, r), backward.Given(-0.3F, r));
    }
  }
  EXPECT_EQ(forward.predictor.calibration(), backward.predictor.calibration());
}

TEST(AcceptancePredictor, FollowsARequestThatTurnsWithinTwentyLabels) {
  Fixture f;
  for (RequestId r = 100; r < 120; ++r) f.Accepts(3, 10, r);
  f.Accepts(4, 30);
  ASSERT_GT(f.Expected(), 0.85);
  // One label a step: the first token, rejected.
  f.Accepts(0, 20);
  EXPECT_LT(f.Expected(), 0.4);
}

TEST(AcceptancePredictor, OneRequestsPastIsItsOwn) {
  Fixture f;
  for (int round = 0; round < 30; ++round) {
    f.Learn(Drafted(4), 4, 4, 1);
    f.Learn(Drafted(4), 4, 0, 2);
    f.predictor.Tick();
  }
  EXPECT_GT(f.Expected(1), 0.85);
  EXPECT_LT(f.Expected(2), 0.35);
  const double stranger = f.Expected(kStranger);
  EXPECT_GT(stranger, f.Expected(2));
  EXPECT_LT(stranger, f.Expected(1));
}

TEST(AcceptancePredictor, WithoutLabelsItReturnsToThePriorAndGrowsUncertain) {
  Fixture f;
  const double prior = f.Expected();
  const double prior_uncertainty = f.Uncertainty();
  f.Accepts(0, 200);
  const double learned = f.Expected();
  double uncertainty = f.Uncertainty();
  ASSERT_LT(learned, 0.15);
  ASSERT_LT(uncertainty, 0.75 * prior_uncertainty);
  double expected = learned;
  for (int i = 0; i < 40; ++i) {
    for (int s = 0; s < 50; ++s) f.predictor.Tick();
    EXPECT_GE(f.Uncertainty(), uncertainty);
    EXPECT_GE(f.Expected(), expected - 1e-9);
    uncertainty = f.Uncertainty();
    expected = f.Expected();
  }
  EXPECT_NEAR(expected, prior, 0.15);
  EXPECT_NEAR(uncertainty, prior_uncertainty, 0.3);
}

TEST(AcceptancePredictor, APauseOfManyStepsCanBeTickedAtOnce) {
  Fixture f;
  f.Accepts(0, 100);
  const double learned = f.Expected();
  f.predictor.Tick(1e7);
  EXPECT_GT(f.Expected(), learned + 0.2);
  f.predictor.Tick(0);
  f.predictor.Tick(-5);
  f.predictor.Tick(std::numeric_limits<double>::quiet_NaN());
  EXPECT_NEAR(f.Expected(), Fixture().Expected(), 0.1);
}

TEST(AcceptancePredictor, RequestsThatMustNotTrainLeaveTheSharedWeightsAlone) {
  Fixture f;
  const double stranger = f.Expected(kStranger);
  const double stranger_given = f.Given(-0.2F, kStranger);
  const double before = f.Expected();
  f.Accepts(0, 100, kRequest, false);
  EXPECT_LT(f.Expected(), before - 0.2);
  f.predictor.Forget(kRequest);
  f.predictor.Tick();
  EXPECT_EQ(f.Expected(kStranger), stranger);
  EXPECT_EQ(f.Given(-0.2F, kStranger), stranger_given);
  EXPECT_EQ(f.Expected(12345), stranger);
}

TEST(AcceptancePredictor, AForgottenRequestStartsAgainAsAStranger) {
  Fixture f;
  f.Accepts(0, 40);
  f.Expected(kStranger);
  f.predictor.Forget(kRequest);
  f.predictor.Forget(kRequest);
  EXPECT_EQ(f.Expected(kRequest), f.Expected(7777));
  f.predictor.Tick();
  EXPECT_EQ(f.Expected(kRequest), f.Expected(7777));
}

TEST(AcceptancePredictor, ExtremeTruthsStayProbabilitiesAndAreLeftAgain) {
  Fixture f;
  for (RequestId r = 0; r < 64; ++r) f.Learn(Drafted(8), 8, 8, r);
  f.predictor.Tick();
  for (int s = 0; s < 2000; ++s) {
    for (RequestId r = 0; r < 8; ++r) f.Learn(Drafted(8), 8, 8, r);
    f.predictor.Tick();
  }
  EXPECT_GT(f.Expected(3), 0.98);
  EXPECT_LT(f.Expected(3), 1);
  for (int s = 0; s < 30; ++s) {
    for (RequestId r = 0; r < 8; ++r) f.Learn(Drafted(8), 8, 0, r);
    f.predictor.Tick();
  }
  EXPECT_LT(f.Expected(3), 0.3);
}

TEST(AcceptanceOptions, NamesTheFieldThatIsWrong) {
  EXPECT_TRUE(Validate(AcceptanceOptions{}).ok());
  const auto message = [](const AcceptanceOptions& options) {
    const Status status = Validate(options);
    return status.ok() ? std::string() : status.error().message;
  };
  EXPECT_EQ(message({.prior_acceptance = {0.5, 1}}),
            "acceptance: prior_acceptance is 1, but must be between 0 and 1");
  EXPECT_NE(message({.prior_spread = 0}).find("prior_spread"), std::string::npos);
  EXPECT_NE(message({.shared_drift = -1}).find("shared_drift"), std::string::npos);
  EXPECT_NE(message({.shared_memory_steps = 0}).find("shared_memory"), std::string::npos);
  EXPECT_NE(message({.request_drift = std::nan("")}).find("request_drift"), std::string::npos);
  EXPECT_NE(message({.request_memory_steps = 0.5}).find("request_memory"), std::string::npos);
  EXPECT_NE(message({.request_spread = 4}).find("request_spread"), std::string::npos);
  EXPECT_NE(message({.reserved_requests = 0}).find("reserved_requests"), std::string::npos);
}

}  // namespace
}  // namespace turbospec
