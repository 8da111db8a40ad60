#include "control/paper_controller.h"

#include <gtest/gtest.h>

#include "control/acceptance_window.h"
#include "control/controller_fixture.h"

namespace turbospec {
namespace {

// 10 ms and 1 ms a row; drafting 1 ms a pass.
ControllerInputs SteepLine() {
  return {.target_line = LinearCost{.per_row = Ms(1), .fixed = Ms(10)},
          .draft_line = LinearCost{.fixed = Ms(1)}};
}

RequestOutcome Accepted(int accepted, int verified) {
  return {.evidence = {}, .verified = verified, .accepted = accepted};
}

// Each of 100,000 requests goes on with probability 0.8 a token, five tokens at most.
std::vector<RequestOutcome> FiveDeepAtFourFifths() {
  std::vector<RequestOutcome> outcomes;
  const int requests_by_accepted[] = {20000, 16000, 12800, 10240, 8192, 32768};
  for (int accepted = 0; accepted <= 5; ++accepted) {
    outcomes.insert(outcomes.end(), static_cast<std::size_t>(requests_by_accepted[accepted]),
                    Accepted(accepted, 5));
  }
  return outcomes;
}

TEST(AcceptanceWindow, AcceptedOverVerifiedIsNoProbabilityOfAToken) {
  AcceptanceWindow as_published(/*censored=*/false, 0.8, 100);
  AcceptanceWindow censored(/*censored=*/true, 0.8, 100);
  as_published.Observe(FiveDeepAtFourFifths());
  censored.Observe(FiveDeepAtFourFifths());
  EXPECT_NEAR(as_published.Rate(), 0.5379, 1e-4);
  EXPECT_NEAR(censored.Rate(), 0.8, 1e-12);
}

TEST(AcceptanceWindow, AveragesOverStepsNotOverTokens) {
  AcceptanceWindow window(false, 0.8, 100);
  const std::vector<RequestOutcome> many(10, Accepted(4, 4));
  const std::vector<RequestOutcome> one(1, Accepted(0, 4));
  window.Observe(many);
  window.Observe(one);
  EXPECT_DOUBLE_EQ(window.Rate(), 0.5);
}

TEST(AcceptanceWindow, ForgetsTheOldestStep) {
  AcceptanceWindow window(false, 0.8, 2);
  const std::vector<RequestOutcome> good(1, Accepted(4, 4));
  const std::vector<RequestOutcome> bad(1, Accepted(0, 4));
  window.Observe(good);
  window.Observe(bad);
  window.Observe(bad);
  EXPECT_EQ(window.Rate(), 0);
}

TEST(AcceptanceWindow, StepsWithoutSpeculationAndFailedRequestsSayNothing) {
  AcceptanceWindow window(true, 0.8, 10);
  window.Observe(std::vector<RequestOutcome>(3, Accepted(0, 0)));
  RequestOutcome failed = Accepted(0, 4);
  failed.failed = true;
  window.Observe({&failed, 1});
  EXPECT_EQ(window.Rate(), 0.8);
}

TEST(ExpectedCommits, IsTheGeometricSum) {
  EXPECT_NEAR(ExpectedCommits(0.8, 2), 1 + 0.8 + 0.64, 1e-12);
  EXPECT_EQ(ExpectedCommits(0.5, 0), 1);
  EXPECT_EQ(ExpectedCommits(0, 7), 1);
  EXPECT_EQ(ExpectedCommits(1, 7), 8);
}

class Paper : public ControllerTest {
 protected:
  const Decision& Decided() {
    const Decision* decision = controller_->LastDecision();
    EXPECT_NE(decision, nullptr);
    return *decision;
  }
  PlanCandidate Predicted(const ControllerInputs& inputs, int depth) {
    return PaperController("paper", {}, *inputs.target_line, inputs.draft_line)
        .Predict(View(), depth);
  }
};

TEST_F(Paper, PredictsGoodputAsInTheWorkedExample) {
  Running(4);
  const PlanCandidate two = Predicted(SteepLine(), 2);
  // Rate 0.8 at the start: 4 * 2.44 tokens; 4 * 3 rows: 10 + 12 ms, and two draft passes.
  EXPECT_NEAR(two.tokens, 9.76, 1e-12);
  EXPECT_NEAR(two.seconds.count(), 0.024, 1e-12);
  EXPECT_NEAR(two.TokensPerSecond(), 406.67, 0.01);
  EXPECT_NEAR(Predicted(SteepLine(), 0).TokensPerSecond(), 4 / 0.014, 1e-9);
}

TEST_F(Paper, WhereTheDraftWasNotMeasuredItTakesAFlatShare) {
  Running(4);
  ControllerInputs inputs = SteepLine();
  inputs.draft_line.reset();
  EXPECT_NEAR(Predicted(inputs, 2).seconds.count(), 0.022 * 1.04, 1e-12);
  EXPECT_NEAR(Predicted(inputs, 0).seconds.count(), 0.014, 1e-12);
}

TEST_F(Paper, OnlyRequestsWithAMatchGainByPromptLookup) {
  Running(4);
  has_draft_ = false;
  has_lookup_ = true;
  Matching(1);
  const PlanCandidate two = Predicted(SteepLine(), 2);
  EXPECT_NEAR(two.tokens, 2.44 + 3, 1e-12);
  EXPECT_NEAR(two.seconds.count(), 0.016, 1e-12);  // 6 rows, no draft pass
  EXPECT_EQ(two.by_lookup, 1);
}

TEST_F(Paper, BeginsAtFullDepthUntilTheFirstDecision) {
  Use("paper:6", SteepLine());
  Running(4);
  for (const int depth : Steps(200, Accepting(0))) ASSERT_EQ(depth, 6);
  EXPECT_EQ(Step(Accepting(0)), 0);
}

TEST_F(Paper, DecidesForTheBestDepthOfTheLine) {
  Use("paper:8,censored", SteepLine());
  Running(1);
  // 4 of 5 tokens survive in the long run: four accepted, then a rejection.
  Steps(200, Accepting(4));
  const int chosen = Step(Accepting(4));
  double best = 0;
  int best_depth = -1;
  for (int k = 0; k <= 8; ++k) {
    const double goodput = ExpectedCommits(0.8, k) / (0.011 + 0.002 * k);
    if (goodput > best) best_depth = k;
    best = std::max(best, goodput);
  }
  EXPECT_EQ(chosen, best_depth);
  EXPECT_NEAR(Decided().price, best, 1e-6);
}

TEST_F(Paper, LooksNoFurtherThanTheFirstDrop) {
  Use("paper:8,censored", SteepLine());
  Running(16);
  Steps(201, Accepting(4));
  ASSERT_LT(Decided().chosen, 7);
  EXPECT_EQ(Decided().candidates.size(), static_cast<std::size_t>(Decided().chosen) + 2);
}

// The documented trap: 10 ms up to 32 rows, 30 ms beyond. Eight requests can verify three tokens
// each for nothing, but on the line every row has its price.
TEST_F(Paper, ALineThroughAStaircaseMissesItsTread) {
  ControllerInputs inputs;
  inputs.target_pass = [](int, int rows, double) { return rows <= 32 ? Ms(10) : Ms(30); };
  inputs.max_sequences = 8;
  Use("paper:8,censored", inputs);
  Running(8);
  has_draft_ = false;
  has_lookup_ = true;
  Matching(8);
  Steps(200, Accepting(1));  // 1 of 2 survives
  const int chosen = Step(Accepting(1));
  const auto true_goodput = [&](int k) {
    return 8 * ExpectedCommits(0.5, k) / inputs.target_pass(8, 8 * (k + 1), 100).count();
  };
  EXPECT_LT(chosen, 3);
  EXPECT_LT(true_goodput(chosen), 0.95 * true_goodput(3));
}

TEST_F(Paper, ReactsOnlyEvery200Steps) {
  Use("paper:4", SteepLine());
  Running(1);
  Steps(200, Accepting(4));
  ASSERT_EQ(Step(Accepting(4)), 4);
  // Another load, and nothing is accepted any more; nobody notices for 199 steps.
  Running(64);
  for (const int depth : Steps(199, Accepting(0))) ASSERT_EQ(depth, 4);
  EXPECT_EQ(controller_->LastDecision(), nullptr);
  EXPECT_LT(Step(Accepting(0)), 4);
  EXPECT_NE(controller_->LastDecision(), nullptr);
}

TEST_F(Paper, DraftsAtFullDepthInTheStepBeforeEachDecision) {
  Use("paper:5", SteepLine());
  Running(16);
  Steps(200, Accepting(0));
  for (const int depth : Steps(199, Accepting(0))) ASSERT_EQ(depth, 0);
  EXPECT_EQ(Step(Accepting(0)), 5);
  EXPECT_EQ(Step(Accepting(0)), 0);
}

// One probe in 200 steps against a window of thousands: the drafts are perfect again, and it stays
// off for many periods.
TEST_F(Paper, StaysOffLongAfterDraftsBecomeGood) {
  Use("paper:4", SteepLine());
  Running(8);
  Steps(201, Accepting(0));
  ASSERT_EQ(Step(Accepting(0)), 0);
  const std::vector<int> depths = Steps(2000, Accepting(4));
  EXPECT_EQ(std::ranges::count(depths, 0), 1990);
  EXPECT_EQ(std::ranges::count(depths, 4), 10);
}

TEST_F(Paper, WithoutAnyMatchAtTheDecisionTheDepthStays) {
  Use("paper:4", SteepLine());
  has_draft_ = false;
  has_lookup_ = true;
  Running(2);
  Matching(2);
  Steps(200, Accepting(0));
  Matching(0);
  Draft();
  EXPECT_EQ(plan_.choices[0][ProposerKind::kPromptLookup], 4);
  EXPECT_EQ(controller_->LastDecision(), nullptr);
}

TEST_F(Paper, FitsItsLineToPassesWhereNoneIsGiven) {
  ControllerInputs inputs;
  inputs.target_pass = [](int, int rows, double) { return Ms(10 + rows); };
  inputs.draft_pass = [](int, int, double) { return Ms(1); };
  for (const ControllerInputs& each : {inputs, SteepLine()}) {
    Use("paper:8,censored", each);
    Running(4);
    Steps(201, Accepting(4));
    EXPECT_NEAR(Decided().candidates.at(1).seconds.count(), 0.019, 1e-9);
  }
}

}  // namespace
}  // namespace turbospec
