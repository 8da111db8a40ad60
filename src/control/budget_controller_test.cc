#include "control/budget_controller.h"

#include <gtest/gtest.h>

#include <numeric>

#include "control/controller_fixture.h"
#include "core/random.h"

namespace turbospec {
namespace {

ControllerInputs Costs(std::function<double(int rows)> target_ms, double draft_ms = 0) {
  return {.target_pass = [=](int, int rows, double) { return Ms(target_ms(rows)); },
          .draft_pass = [=](int, int, double) { return Ms(draft_ms); }};
}
ControllerInputs Free() {
  return Costs([](int) { return 10.0; });
}
ControllerInputs PerRow(double ms) {
  return Costs([ms](int rows) { return 10 + ms * rows; });
}

class Budget : public ControllerTest {
 protected:
  std::vector<int> VerifiedWith(const std::vector<std::vector<double>>& largest_q) {
    Draft();
    for (std::size_t i = 0; i < largest_q.size(); ++i) DraftWith(i, largest_q[i]);
    return Verify();
  }
};

TEST_F(Budget, AlwaysDraftsToFullDepth) {
  Use("budget", PerRow(100));
  Running(3);
  for (const int depth : Steps(150, Accepting(0))) ASSERT_EQ(depth, 8);
  Use("budget:3", PerRow(100));
  EXPECT_EQ(Step(Accepting(0)), 3);
}

TEST_F(Budget, VerifiesEverythingWhereRowsAreFree) {
  Use("budget:5", Free());
  Running(2);
  Draft();
  EXPECT_EQ(Verify(), (std::vector<int>{5, 5}));
}

TEST_F(Budget, VerifiesNothingWhereARowCostsMoreThanItYields) {
  Use("budget:5", PerRow(100));
  Running(2);
  Draft();
  EXPECT_EQ(Verify(), (std::vector<int>{0, 0}));
}

TEST_F(Budget, TheDraftIsPaidWhateverIsVerified) {
  Use("budget:5", Costs([](int rows) { return 10 + 8.0 * rows; }));
  Running(1);
  Draft();
  const std::vector<int> cheap_draft = Verify();
  // What is spent anyway makes each further token look cheaper.
  Use("budget:5", Costs([](int rows) { return 10 + 8.0 * rows; }, 40));
  Draft();
  EXPECT_GT(Verify()[0], cheap_draft[0]);
}

TEST_F(Budget, GoesToTheRequestWhoseDraftIsSure) {
  Use("budget:4", PerRow(3));
  Running(2);
  const std::vector<int> verified =
      VerifiedWith({{0.3, 0.3, 0.3, 0.3}, {0.999, 0.999, 0.999, 0.999}});
  EXPECT_EQ(verified[0], 0);
  EXPECT_EQ(verified[1], 4);
}

TEST_F(Budget, LooksBeyondARiserOfTheStaircase) {
  Use("budget:8", Costs([](int rows) { return rows == 1 ? 10.0 : 22.0; }));
  Running(1);
  q_ = 0.99;
  Draft();
  EXPECT_EQ(Verify()[0], 8);
}

TEST_F(Budget, LearnsThatConfidenceWasMisplaced) {
  Use("budget:4", PerRow(2));
  Running(4);
  q_ = 0.95;
  Draft();
  const std::vector<int> first = Verify();
  Finish(Accepting(0));
  Steps(1000, Accepting(0));
  Draft();
  EXPECT_GT(std::accumulate(first.begin(), first.end(), 0), 4);
  EXPECT_EQ(Verify(), (std::vector<int>{0, 0, 0, 0}));
}

TEST_F(Budget, ConstrainedRequestsTeachNothing) {
  Use("budget:4", PerRow(2));
  Running(4);
  q_ = 0.95;
  Draft();
  const std::vector<int> first = Verify();
  for (RequestView& view : views_) view.trains_shared = false;
  Steps(1000, Accepting(0));
  Draft();
  EXPECT_EQ(Verify(), first);
}

TEST_F(Budget, WhatWasNotVerifiedIsNotARejection) {
  Use("budget:8", PerRow(4));
  Running(1);
  q_ = 0.9;
  Draft();
  const int first = Verify()[0];
  Finish(Accepting(100));
  Steps(1000, Accepting(100));
  Draft();
  EXPECT_LT(first, 6);
  EXPECT_GT(Verify()[0], first);
}

// What is never verified is never learned, and nothing is ever tried: the draft is perfect, and it
// goes on being trimmed away.
TEST_F(Budget, DoesNotProbe) {
  Use("budget:4", PerRow(12));
  Running(1);
  q_ = 0.4;
  for (int i = 0; i < 1000; ++i) {
    Draft();
    ASSERT_EQ(Verify()[0], 0);
    Finish(Accepting(100));
  }
}

TEST_F(Budget, PromptLookupIsJudgedByItsMatches) {
  Use("budget:4", PerRow(5));
  has_draft_ = false;
  has_lookup_ = true;
  Running(2);
  Matching(2);
  views_[1].lookup.length = 7;
  const auto only_long_matches = [](std::size_t request) { return request == 1 ? 4 : 0; };
  Steps(300, only_long_matches);
  Draft();
  EXPECT_EQ(Verify(), (std::vector<int>{0, 4}));
}

TEST_F(Budget, PadsToTheCommonShapeWhereThatMakesOnePass) {
  Use("budget:4", Free());
  rule_ = BatchRule::kEqualLength;
  Running(4);
  views_[2].max_useful = 1;
  Draft();
  Verify();
  EXPECT_EQ(verify_.choices[2].verified, 1);
  EXPECT_EQ(verify_.choices[2].padding, 3);
}

TEST_F(Budget, SaysWhatItExpects) {
  Use("budget:2", Costs([](int rows) { return 10.0 + rows; }, 1));
  Running(1);
  q_ = 0.5;
  Draft();
  EXPECT_EQ(controller_->LastDecision(), nullptr);
  Verify();
  const Decision* decision = controller_->LastDecision();
  ASSERT_NE(decision, nullptr);
  const double p = 1 / (1 + std::exp(0.2));
  EXPECT_NEAR(decision->verify_tokens, 1 + p + p * p, 1e-6);
  EXPECT_NEAR(decision->verify_seconds.count(), 0.015, 1e-12);  // 3 rows and two draft passes
  EXPECT_NEAR(decision->candidates.at(0).seconds.count(), 0.011, 1e-12);
}

TEST_F(Budget, ReadsItsTableOnceAtItsFixedContext) {
  std::vector<double> contexts;
  ControllerInputs inputs = Free();
  inputs.target_pass = [&](int, int, double context) {
    contexts.push_back(context);
    return Ms(10);
  };
  Use("budget", inputs);
  EXPECT_EQ(contexts.front(), 8192);
  const std::size_t asked = contexts.size();
  inputs.max_context = 2048;
  Use("budget", inputs);
  EXPECT_EQ(contexts.back(), 2048);
  Running(8);
  Steps(300, Accepting(2));
  EXPECT_EQ(contexts.size(), 2 * asked);
}

// Of a causal_only request, whether token j is verified must not change with evidence beyond j.
class CausalBudget : public Budget {
 protected:
  // How often a change of deeper evidence moved whether an earlier token was verified.
  int Violations(bool causal) {
    int violations = 0;
    RandomStream random(3);
    for (int round = 0; round < 400; ++round) {
      // A riser that several tokens together must pay for.
      const double riser = 2 + 18 * random.Uniform();
      Use("budget:4", Costs([=](int rows) { return rows <= 3 ? 10 : 10 + riser; }));
      Running(3);
      views_[1].causal_only = causal;
      std::vector<std::vector<double>> q(3, std::vector<double>(4));
      for (auto& each : q) {
        for (double& value : each) value = 0.05 + 0.94 * random.Uniform();
      }
      // The step before it is the same in both worlds.
      VerifiedWith(q);
      Finish(Accepting(2));
      for (double& value : q[1]) value = 0.05 + 0.94 * random.Uniform();
      auto other = q;
      const auto from = static_cast<std::size_t>(1 + random.Uniform() * 3);
      for (std::size_t j = from; j < 4; ++j) other[1][j] = 0.05 + 0.94 * random.Uniform();
      const int limit = static_cast<int>(from);
      violations += VerifiedUpTo(q, limit) != VerifiedUpTo(other, limit) ? 1 : 0;
    }
    return violations;
  }
  // Of request 1, by a copy of the controller: both worlds have the same past.
  int VerifiedUpTo(const std::vector<std::vector<double>>& q, int limit) {
    std::unique_ptr<Controller> original = std::move(controller_);
    controller_ = std::make_unique<BudgetController>(static_cast<BudgetController&>(*original));
    const int verified = VerifiedWith(q)[1];
    controller_ = std::move(original);
    return std::min(verified, limit);
  }
};

TEST_F(CausalBudget, DeeperEvidenceDoesNotDecideAboutAnEarlierToken) {
  EXPECT_EQ(Violations(/*causal=*/true), 0);
}

TEST_F(CausalBudget, WithoutTheDemandItMay) {
  EXPECT_GT(Violations(/*causal=*/false), 0);
}

}  // namespace
}  // namespace turbospec
