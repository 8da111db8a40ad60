// Suites and comparisons judge as they say: a controller known to be good passes, a bad one does
// not, and the order of threads changes nothing.
#include "sim/suite.h"

#include <gtest/gtest.h>

#include "sim/clairvoyant.h"
#include "sim/comparison.h"
#include "sim/what_if.h"

namespace turbospec {
namespace {

SuiteReport Report(std::string_view suite, std::string controller, int points, int threads = 2) {
  auto report = RunSuite(
      suite,
      {.controller = std::move(controller), .points = points, .quick = true, .threads = threads});
  EXPECT_TRUE(report.ok()) << report.error().message;
  return report.ok() ? *std::move(report) : SuiteReport{};
}

TEST(Suites, FindThatADeepConstantLengthLoses) {
  for (const std::string_view suite : SuiteNames()) {
    const SuiteReport report = Report(suite, "fixed:8", 3);
    EXPECT_FALSE(report.misses.empty()) << suite;
    EXPECT_LT(report.min, 1) << suite;
  }
}

TEST(Suites, FindThatNoSpeculationIsNeverWorseThanItself) {
  const SuiteReport report = Report("robust", "off", 6);
  EXPECT_TRUE(report.misses.empty());
  EXPECT_NEAR(report.min, 1, 1e-9);
}

TEST(Suites, DoNotDependOnThreads) {
  EXPECT_EQ(SuiteText(Report("constant", "fixed:2", 3, 1)),
            SuiteText(Report("constant", "fixed:2", 3, 3)));
}

TEST(Suites, EndWithOneLineForMachines) {
  const std::string text = SuiteText(Report("robust", "off", 2));
  const std::string last = text.substr(text.rfind('\n', text.size() - 2) + 1);
  EXPECT_EQ(last, "suite=robust mean=1.0000 min=1.0000 points=2 missed=0\n");
}

TEST(Suites, RefuseUnknownNames) {
  EXPECT_FALSE(RunSuite("slow", {}).ok());
  EXPECT_FALSE(RunSuite("constant", {.controller = "perhaps"}).ok());
}

Scenario Small() {
  Scenario scenario;
  scenario.steps = 800;
  scenario.target.surface = "linear";
  return scenario;
}

TEST(Clairvoyance, BeatsEveryConstantLength) {
  auto comparison = Compare(Small(), {"off"}, /*hindsight=*/true);
  ASSERT_TRUE(comparison.ok()) << comparison.error().message;
  const Hindsight& hindsight = *comparison->hindsight;
  EXPECT_GT(hindsight.clairvoyant.warm_tokens_per_second,
            1.05 * hindsight.BestStatic().result.warm_tokens_per_second);
  EXPECT_EQ(hindsight.Bound().controller, kClairvoyant);
  // And it verifies nothing in vain.
  EXPECT_NEAR(hindsight.clairvoyant.tokens_per_verification,
              1 + hindsight.clairvoyant.verified_per_request, 1e-9);
  const auto regret = RegretOf(comparison->results[0], hindsight.BestStatic().result, 4);
  EXPECT_GT(regret.back().tokens, regret.front().tokens);
  EXPECT_EQ(ComparisonJson(*comparison)["hindsight"]["statics"].size(), 11u);
}

TEST(WhatIfOf, SweepsEveryCombinationInOrder) {
  auto axes = ParseWhatIf("slots=2:4,draft=0:0.1");
  ASSERT_TRUE(axes.ok()) << axes.error().message;
  auto what_if = SweepWhatIf(Small(), *axes, "fixed:3", 2);
  ASSERT_TRUE(what_if.ok()) << what_if.error().message;
  ASSERT_EQ(what_if->rows.size(), 4u);
  EXPECT_EQ(what_if->rows[1].values, (std::vector{2.0, 0.1}));
  EXPECT_EQ(what_if->rows[0].result.warm_tokens_per_second,
            what_if->rows[0].plain.warm_tokens_per_second);
  EXPECT_GT(what_if->rows[1].result.warm_tokens_per_second,
            1.2 * what_if->rows[1].plain.warm_tokens_per_second);
}

TEST(WhatIfOf, RefusesWhatItCannotVary) {
  for (const char* text : {"slots", "colour=3", "slots=a", "slots=0", "slots=1:2:x"}) {
    auto axes = ParseWhatIf(text);
    EXPECT_FALSE(axes.ok() && SweepWhatIf(Small(), *axes, "off", 1).ok()) << text;
  }
}

TEST(Replicas, ShareTheLoad) {
  Scenario scenario = Small();
  scenario.arrivals = "poisson:40";
  scenario.steps = 0;
  scenario.seconds = Seconds(60);
  scenario.slots = 8;
  const auto rate = [&](int replicas, Router router) {
    scenario.replicas = replicas;
    scenario.router = router;
    auto result = Simulate(scenario, "off");
    EXPECT_TRUE(result.ok());
    return result->tokens_per_second;
  };
  const double one = rate(1, Router::kLeastLoaded);
  EXPECT_GT(rate(3, Router::kLeastLoaded), 2.8 * one);
  EXPECT_GT(rate(3, Router::kRoundRobin), 2.8 * one);
}

TEST(OpenLoads, AreServedAtTheirOwnPace) {
  Scenario scenario = Small();
  scenario.arrivals = "poisson:0.5";
  scenario.steps = 0;
  scenario.seconds = Seconds(400);
  auto result = Simulate(scenario, "fixed:2");
  ASSERT_TRUE(result.ok());
  EXPECT_NEAR(result->tokens_per_second, 0.5 * 256, 25);
  EXPECT_LT(result->first_token.p99, 1);
}

}  // namespace
}  // namespace turbospec
