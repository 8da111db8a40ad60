// Requests that differ: one length for all is a compromise, and a controller that treats each by
// its own must gain.
#include <algorithm>

#include "sim/suite_points.h"

namespace turbospec {
namespace {

// On average; the first two against one length for all.
constexpr double kLeastOnePass = 1.08;
constexpr double kLeastEqualLength = 1.0;
// Against constants of two lengths as well, one for lookup and one for the draft model: these too
// treat requests that copy unlike those that do not.
constexpr double kLeastAgainstTwo = 1.05;
constexpr double kLeastAtAPoint = 0.99;
constexpr const char* kOneLength = "one length";

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

double BestRateOfOneLength(const std::vector<StaticResult>& statics) {
  double best = 0;
  for (const auto& [form, result] : statics) {
    if (form.find(',') == std::string::npos) best = std::max(best, result.warm_tokens_per_second);
  }
  return best;
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
  row.others.emplace_back(kOneLength, row.rate / BestRateOfOneLength(*statics));
  Require(row.misses, "ratio to the best static", row.ratio, kLeastAtAPoint);
  if (Status ran = CompareWithBound(scenario, row); !ran.ok()) return ran.error();
  return row;
}

double MeanAgainstOneLength(const std::vector<SuiteRow>& rows, std::string_view group) {
  double sum = 0;
  int count = 0;
  for (const SuiteRow& row : rows) {
    if (row.group != group) continue;
    for (const auto& [name, ratio] : row.others) {
      if (name != kOneLength) continue;
      sum += ratio;
      ++count;
    }
  }
  return count > 0 ? sum / count : 0;
}

void Judge(SuiteReport& report) {
  for (const auto& [group, least] :
       {std::pair{"one pass", kLeastOnePass}, std::pair{"equal length", kLeastEqualLength}}) {
    const double mean = MeanAgainstOneLength(report.rows, group);
    if (mean == 0) continue;
    Require(report.misses, std::string("mean over ") + group + ", against one length,", mean,
            least);
  }
  const double mean = MeanRatio(report.rows, "one pass");
  if (mean > 0) Require(report.misses, "mean over one pass", mean, kLeastAgainstTwo);
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
