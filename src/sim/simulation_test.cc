// The simulator's own promises: repeatable, true to what a scenario asks, and never richer than the
// machine allows.
#include "sim/simulation.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

class SimulationOf : public ::testing::Test {
 protected:
  SimulationOf() {
    scenario_.steps = 600;
    scenario_.noise.scatter = 0;
    scenario_.host_per_step = scenario_.host_per_row = Seconds(0);
  }
  SimulationResult Run(std::string_view controller) {
    auto result = Simulate(scenario_, controller);
    EXPECT_TRUE(result.ok()) << result.error().message;
    return result.ok() ? *std::move(result) : SimulationResult{};
  }
  void Acceptance(double acceptance) { scenario_.classes[0].acceptance.acceptance = acceptance; }

  Scenario scenario_;
};

TEST_F(SimulationOf, PlainDecodingTakesOnePassAToken) {
  scenario_.target.surface = "linear";
  scenario_.classes[0].prompt_tokens = 1;
  scenario_.classes[0].output_tokens = 2000;
  const SimulationResult result = Run("off");
  // 8 requests in a pass of 8 rows: 12 + 8 x 0.25 ms.
  EXPECT_NEAR(result.warm_tokens_per_second, 8 / 0.014, 1);
  EXPECT_EQ(result.tokens_per_verification, 1);
}

TEST_F(SimulationOf, IsTheSameEveryTime) {
  scenario_.noise.scatter = 0.1;
  const SimulationResult once = Run("fixed:3");
  const SimulationResult again = Run("fixed:3");
  EXPECT_EQ(once.tokens, again.tokens);
  EXPECT_EQ(once.elapsed, again.elapsed);
  scenario_.seed = 2;
  EXPECT_NE(Run("fixed:3").elapsed, once.elapsed);
}

TEST_F(SimulationOf, AcceptsAsOftenAsTheScenarioSays) {
  scenario_.steps = 6000;
  for (const double acceptance : {0.2, 0.5, 0.8, 0.95}) {
    Acceptance(acceptance);
    EXPECT_NEAR(Run("fixed:1").tokens_per_verification, 1 + acceptance, 0.02) << acceptance;
  }
}

TEST_F(SimulationOf, NeverAndAlwaysAreExact) {
  Acceptance(0);
  EXPECT_EQ(Run("fixed:4").tokens_per_verification, 1);
  Acceptance(1);
  EXPECT_GT(Run("fixed:4").tokens_per_verification, 4.9);
}

}  // namespace
}  // namespace turbospec
