// What catching up and probes cost, and whom probes ask. What plans yield is tested through the
// controller.
#include "control/step_planner.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

constexpr int kRecent = PlannerOptions{}.recent_tokens;

class StepPlannerTest : public testing::Test {
 protected:
  // `lags[i]` of the request in slot `slots[i]`.
  void Begin(const std::vector<int>& lags, const std::vector<SlotId>& slots, BatchRule rule) {
    views_.clear();
    for (std::size_t i = 0; i < lags.size(); ++i) {
      views_.push_back({.id = i + 1,
                        .slot = slots[i],
                        .context_length = 400,
                        .draft_lag = lags[i],
                        .max_useful = 400});
    }
    prospects_.assign(lags.size(), {.tokens_left = 400});
    step_ = {.requests = views_,
             .target_rule = rule,
             .draft_rule = rule,
             .draft_fills_gaps = fills_gaps_,
             .has_draft_model = true};
    planner_.target_prices().Refresh(400);
    planner_.draft_prices().Refresh(400);
    planner_.Begin(step_, predictor_, prospects_, {});
  }

  // Which requests draft in a probe of `count`.
  std::vector<int> Probed(int count, bool anew) {
    const std::vector<char> all(views_.size(), 1);
    const StepPlan& plan = planner_.Probe(all, count, anew);
    std::vector<int> who;
    for (std::size_t i = 0; i < views_.size(); ++i) {
      if (plan.draft.choices[i][ProposerKind::kDraftModel] > 0) who.push_back(static_cast<int>(i));
    }
    return who;
  }

  // Of the best plan, in seconds.
  double Investment() {
    Decision decision;
    return planner_.Best(decision).expected.investment.count();
  }

  bool fills_gaps_ = false;

 private:
  // A draft pass: 2 ms and 0.2 ms a row; the target's 100 ms, whatever its rows.
  static Seconds TargetPass(int, int, double) { return Seconds(0.1); }
  static Seconds DraftPass(int, int rows, double) { return Seconds(0.002 + 0.0002 * rows); }

  std::vector<RequestView> views_;
  std::vector<RequestProspect> prospects_;
  StepView step_;
  AcceptancePredictor predictor_{AcceptanceOptions{}};
  StepPlanner planner_{PlannerOptions{}, TargetPass, DraftPass};
};

TEST_F(StepPlannerTest, AProbeReadsAsLittleAsItCan) {
  Begin({60, 20, 300}, {0, 1, 2}, BatchRule::kOnePass);
  EXPECT_EQ(Probed(1, false), std::vector{1});
  EXPECT_EQ(Probed(2, false), (std::vector{0, 1}));
}

TEST_F(StepPlannerTest, WhereReadingIsAlikeAProbeAsksWhoWasAskedLeastLately) {
  // Those that lag by more begin anew, with as many tokens as the second request lags by.
  Begin({260, kRecent, 300}, {0, 1, 2}, BatchRule::kOnePass);
  EXPECT_EQ(Probed(1, true), std::vector{2});
  EXPECT_EQ(Probed(2, true), (std::vector{0, 2}));
  // One that has just been asked is much cheaper.
  Begin({260, 5, 300}, {0, 1, 2}, BatchRule::kOnePass);
  EXPECT_EQ(Probed(1, true), std::vector{1});
}

TEST_F(StepPlannerTest, ScatteredSlotsCatchUpInPassesOfTheirOwn) {
  Begin({20, 20, 20, 20}, {0, 1, 2, 3}, BatchRule::kEqualLength);
  EXPECT_NEAR(Investment(), 0.002 + 80 * 0.0002, 1e-6);
  Begin({20, 20, 20, 20}, {0, 2, 3, 6}, BatchRule::kEqualLength);
  EXPECT_NEAR(Investment(), 3 * 0.002 + 80 * 0.0002, 1e-6);
}

TEST_F(StepPlannerTest, ScatteredSlotsShareAPassWhereDummyRowsCostLess) {
  fills_gaps_ = true;
  Begin({20, 20, 20, 20}, {0, 2, 3, 6}, BatchRule::kEqualLength);
  EXPECT_NEAR(Investment(), 3 * 0.002 + 80 * 0.0002, 1e-6);
  Begin({5, 5, 5, 5}, {0, 2, 4, 5}, BatchRule::kEqualLength);
  EXPECT_NEAR(Investment(), 0.002 + 30 * 0.0002, 1e-6);
}

}  // namespace
}  // namespace turbospec
