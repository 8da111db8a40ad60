// Requests that differ: one length for all is a compromise, and a controller that treats each by
// its own must gain.
#include "sim/suite_points.h"

namespace turbospec {
namespace {

constexpr double kLeastOnePass = 1.08;
constexpr double kLeastEqualLength = 1.0;
constexpr double kLeastAtAPoint = 0.99;

RequestClass Half(std::string name, double acceptance) {
  RequestClass half;
  half.name = std::move(name);
  half.output_tokens = 400;
  half.acceptance.acceptance = acceptance;
  return half;
}

Scenario HighAndLow(Scenario scenario) {
  scenario.name += " high/low";
  scenario.balanced = true;
  scenario.classes = {Half("high", 0.9), Half("low", 0.15)};
  return scenario;
}

Scenario Copying(Scenario scenario) {
  scenario.name += " copy/fresh";
  scenario.balanced = true;
  scenario.lookup = true;
  RequestClass copying = Half("copy", 0.6);
  copying.prompt_tokens = 160;
  copying.copy = {.share = 0.85, .run = 60, .fidelity = 0.98};
  scenario.classes = {copying, Half("fresh", 0.45)};
  return scenario;
}

Result<SuiteRow> RunPoint(const Scenario& scenario, const std::string& controller) {
  auto statics = RunStatics(scenario);
  if (!statics.ok()) return statics.error();
  const StaticResult& best = BestOf(*statics);
  auto result = Simulate(scenario, controller);
  if (!result.ok()) return result.error();
  const bool one_pass = scenario.rule == BatchRule::kOnePass;
  SuiteRow row = RowFor(scenario, one_pass ? "one pass" : "equal length", *result, best.controller,
                        best.result);
  Require(row.misses, "ratio to the best static length", row.ratio, kLeastAtAPoint);
  return row;
}

void Judge(SuiteReport& report) {
  for (const auto& [group, least] :
       {std::pair{"one pass", kLeastOnePass}, std::pair{"equal length", kLeastEqualLength}}) {
    const double mean = MeanRatio(report.rows, group);
    if (mean > 0) Require(report.misses, std::string("mean over ") + group, mean, least);
  }
}

}  // namespace

SuitePlan PlanMixed(const SuiteOptions& options) {
  SuitePlan plan{.points = {}, .judge = Judge};
  for (const Machine& machine : Machines()) {
    for (const int slots : {4, 8, 16, 32, 64}) {
      const Scenario base = ClosedScenario(machine, slots, 0.5, options);
      for (const Scenario& scenario : {HighAndLow(base), Copying(base)}) {
        plan.points.push_back(
            [=, controller = options.controller] { return RunPoint(scenario, controller); });
      }
    }
  }
  return plan;
}

}  // namespace turbospec
