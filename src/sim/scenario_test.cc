// The file form: what it says is what is simulated, and what it cannot mean is refused by name.
#include "sim/scenario.h"

#include <gtest/gtest.h>

#include "sim/simulation.h"

namespace turbospec {
namespace {

std::string Refusal(const std::string& fields) {
  auto read = ReadScenario(R"({"turbospec_scenario": 1)" + fields + "}", "file.json");
  return read.ok() ? "" : read.error().message;
}

TEST(ScenarioFile, ReadsEveryPart) {
  auto read = ReadScenario(R"({
    "turbospec_scenario": 1, "name": "evening", "slots": 4, "replicas": 2, "router": "round_robin",
    "context": 2048, "batch_rule": "equal_length",
    "target": {"points": [[1, 0.02], [8, 0.03]], "scale": 2},
    "draft": {"surface": "linear"}, "lookup": true,
    "noise": {"scatter": 0.1, "neighbour_period": 30},
    "classes": [{"name": "a", "share": 3, "acceptance": 0.9, "acceptance_from": [[60, 0.2]],
                 "copy": {"share": 0.5, "run": 20}}, {"name": "b"}],
    "arrivals": {"turbospec_phases": 1, "phases": [{"duration": 10, "clients": 8}]},
    "told_slope": 2, "seconds": 20, "seed": 9})",
                           "file.json");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->router, Router::kRoundRobin);
  EXPECT_EQ(read->rule, BatchRule::kEqualLength);
  EXPECT_NEAR(TargetCost(*read)(1, 8, 0).count(), 0.06, 1e-12);
  EXPECT_NEAR(DraftCost(*read)(1, 8, 0).count(), 0.014, 1e-12);
  EXPECT_EQ(read->classes[0].acceptance.phases[0].acceptance, 0.2);
  EXPECT_EQ(read->steps, 0);
  EXPECT_EQ(read->seed, 9u);
  EXPECT_TRUE(Simulate(*read, "fixed:2").ok());
}

TEST(ScenarioFile, RefusesWhatItDoesNotUnderstand) {
  EXPECT_EQ(ReadScenario("[]", "f").error().message, "f: not a JSON object");
  EXPECT_EQ(ReadScenario(R"({"turbospec_scenario": 2})", "f").error().message,
            "f: version 2 of the scenario format; this reader knows 1");
  for (const auto& [fields, complaint] : std::vector<std::pair<std::string, std::string>>{
           {R"(, "slotz": 3)", "slotz"},
           {R"(, "slots": 0)", "slots must be"},
           {R"(, "target": {"surface": "tpu"})", "no cost surface \"tpu\""},
           {R"(, "target": {"points": [[4, 0.1], [2, 0.1]]})", "must ascend"},
           {R"(, "target": {"points": [[4]]})", "pair of numbers"},
           {R"(, "batch_rule": "two")", "one_pass"},
           {R"(, "classes": [])", "no class"},
           {R"(, "classes": [{"acceptance": 1.5}])", "from 0 to 1"},
           {R"(, "classes": [{"prompt_tokens": 5000}])", "context is 4096"},
           {R"(, "noise": {"scatter": -1})", "scatter"},
           {R"(, "steps": 0)", "never ends"}}) {
    EXPECT_NE(Refusal(fields).find(complaint), std::string::npos)
        << fields << " gives: " << Refusal(fields);
  }
}

TEST(ScenarioFile, BadArrivalsAreRefusedBeforeTheRun) {
  Scenario scenario;
  scenario.arrivals = "tuesdays";
  EXPECT_FALSE(Simulate(scenario, "off").ok());
  scenario.arrivals = "";
  EXPECT_FALSE(Simulate(scenario, "sometimes").ok());
}

TEST(CostSurfaces, FollowTheirMeasuredPoints) {
  const PassCost amx = *MakePassCost({.surface = "amx"});
  EXPECT_NEAR(amx(1, 1, 0).count(), 0.044, 1e-9);
  EXPECT_NEAR(amx(1, 32, 0).count(), 0.152, 1e-9);
  EXPECT_NEAR(amx(1, 80, 0).count(), 0.556, 1e-9);
  for (const std::string_view name : SurfaceNames()) {
    const PassCost cost = *MakePassCost({.surface = std::string(name)});
    for (int rows = 1; rows < 600; ++rows) EXPECT_LE(cost(1, rows, 100), cost(1, rows + 1, 100));
  }
  EXPECT_NEAR(WithWrongSlope(amx, 2)(1, 8, 0).count(), 0.044 + 2 * 0.035, 1e-9);
}

}  // namespace
}  // namespace turbospec
