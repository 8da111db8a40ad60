// Nothing changes: the best hand-chosen length in hindsight is the mark, and every rival must be
// matched.
#include <algorithm>
#include <cstdio>
#include <map>

#include "sim/suite_points.h"
#include "sim/told_costs.h"

namespace turbospec {
namespace {

constexpr double kLeastAtAPoint = 0.99;
constexpr double kLeastMean = 1.0;
constexpr const char* kRivals[] = {"paper", "ema", "budget", "table"};

std::string NameOf(const Machine& machine, int slots, double acceptance) {
  char name[96];
  std::snprintf(name, sizeof name, "%s slots=%d acceptance=%.2f", machine.Name().c_str(), slots,
                acceptance);
  return name;
}

Result<SuiteRow> RunPoint(const Scenario& scenario, const std::string& controller,
                          const std::vector<std::string>& rivals) {
  auto statics = RunStatics(scenario);
  if (!statics.ok()) return statics.error();
  const StaticResult& best = BestOf(*statics);
  auto result = Simulate(scenario, controller);
  if (!result.ok()) return result.error();
  SuiteRow row = RowFor(scenario, "all", *result, best.controller, best.result);
  Require(row.misses, "ratio to the best static length", row.ratio, kLeastAtAPoint);
  for (const std::string& rival : rivals) {
    auto theirs = Simulate(scenario, rival);
    if (!theirs.ok()) return theirs.error();
    const double ratio = row.rate / theirs->warm_tokens_per_second;
    row.others.emplace_back(rival, ratio);
    Require(row.misses, "ratio to " + rival, ratio, kLeastAtAPoint);
  }
  if (Status ran = CompareWithBound(scenario, row); !ran.ok()) return ran.error();
  return row;
}

void Judge(SuiteReport& report) {
  Require(report.misses, "mean ratio to the best static length", report.mean, kLeastMean);
  std::map<std::string, std::pair<double, int>> others;
  for (const SuiteRow& row : report.rows) {
    for (const auto& [name, ratio] : row.others) {
      others[name].first += ratio;
      ++others[name].second;
    }
  }
  for (const auto& [name, sum] : others) {
    Require(report.misses, "mean ratio to " + name, sum.first / sum.second, 1.0);
  }
}

}  // namespace

SuitePlan PlanConstant(const SuiteOptions& options) {
  std::vector<std::string> rivals;
  for (const char* rival : kRivals) {
    if (rival != options.controller && CheckController(rival).ok()) rivals.emplace_back(rival);
  }
  SuitePlan plan{.points = {}, .judge = Judge};
  for (const Machine& machine : Machines()) {
    for (const int slots : {1, 2, 4, 8, 16, 32, 64}) {
      for (const double acceptance : {0.2, 0.4, 0.6, 0.8, 0.95}) {
        Scenario scenario = ClosedScenario(machine, slots, acceptance, options);
        scenario.name = NameOf(machine, slots, acceptance);
        plan.points.push_back([=, controller = options.controller] {
          return RunPoint(scenario, controller, rivals);
        });
      }
    }
  }
  return plan;
}

}  // namespace turbospec
