// The world changes: acceptance by phases, load by phases, a day of both. No single length is right
// for the whole run, so a controller that follows must gain, and must follow soon.
#include <algorithm>
#include <cstdio>

#include "sim/suite_points.h"

namespace turbospec {
namespace {

constexpr double kLeastMean = 1.10;
constexpr double kLeastAtAPoint = 1.0;
constexpr double kLeastSettled = 0.97;
constexpr int kStepsToSettle = 50;
constexpr double kHigh = 0.92;
constexpr double kLow = 0.05;

struct PhasedScenario {
  Scenario scenario;
  std::vector<Seconds> changes{};  // of acceptance; judged one by one
};

PhasedScenario ByAcceptance(const Machine& machine, int slots, const SuiteOptions& options) {
  PhasedScenario phased{.scenario = ClosedScenario(machine, slots, kHigh, options)};
  Scenario& scenario = phased.scenario;
  scenario.name += " acceptance";
  const Seconds length = (options.quick ? 300 : 400) * PlainStep(scenario);
  const int phases = options.quick ? 6 : 12;
  for (int i = 1; i < phases; ++i) {
    phased.changes.push_back(i * length);
    scenario.classes[0].acceptance.phases.push_back({i * length, i % 2 == 1 ? kLow : kHigh});
  }
  EndAt(scenario, phases * length);
  return phased;
}

// Clients per phase, in a closed loop.
std::string Phases(const std::vector<int>& clients, Seconds length) {
  std::string text = R"({"turbospec_phases": 1, "phases": [)";
  for (std::size_t i = 0; i < clients.size(); ++i) {
    char phase[96];
    std::snprintf(phase, sizeof phase, R"(%s{"duration": %.9g, "clients": %d})", i ? ", " : "",
                  length.count(), clients[i]);
    text += phase;
  }
  return text + "]}";
}

PhasedScenario ByLoad(const Machine& machine, const SuiteOptions& options) {
  PhasedScenario phased{.scenario = ClosedScenario(machine, 64, 0.75, options)};
  Scenario& scenario = phased.scenario;
  scenario.name += " load 1..64";
  scenario.classes[0].output_tokens = 100;
  const Seconds length = 300 * PlainStep(scenario);
  const std::vector<int> clients =
      options.quick ? std::vector{1, 64} : std::vector{1, 64, 2, 64, 1};
  scenario.arrivals = Phases(clients, length);
  EndAt(scenario, static_cast<double>(clients.size()) * length);
  return phased;
}

// Twelve spans of a day: few clients and easy text at night, many and hard at noon.
PhasedScenario ByDay(const Machine& machine, const SuiteOptions& options) {
  PhasedScenario phased{.scenario = ClosedScenario(machine, 64, 0.9, options)};
  Scenario& scenario = phased.scenario;
  scenario.name += " day";
  scenario.classes[0].output_tokens = 100;
  const std::vector<int> clients = {1, 1, 2, 4, 12, 32, 64, 48, 24, 8, 3, 1};
  const std::vector<double> acceptance = {.9, .9, .9, .8, .6, .4, .3, .4, .6, .8, .9, .9};
  const Seconds length = (options.quick ? 80 : 250) * PlainStep(scenario);
  for (std::size_t i = 1; i < acceptance.size(); ++i) {
    scenario.classes[0].acceptance.phases.push_back(
        {static_cast<double>(i) * length, acceptance[i]});
  }
  scenario.arrivals = Phases(clients, length);
  EndAt(scenario, static_cast<double>(clients.size()) * length);
  return phased;
}

// When the `steps`-th step after `from` ends.
Seconds AfterSteps(const SimulationResult& result, Seconds from, int steps) {
  const auto first =
      std::ranges::lower_bound(result.records, from.count(), {}, &StepFigures::ended);
  const auto left = result.records.end() - first;
  return left > steps ? Seconds(first[steps].ended) : Seconds(result.elapsed);
}

// Goodput from 50 steps after each change to the next, against the best static length of that
// phase: mean over the changes.
double Settled(const PhasedScenario& phased, const SimulationResult& result,
               const std::vector<StaticResult>& statics) {
  double sum = 0;
  for (std::size_t i = 0; i < phased.changes.size(); ++i) {
    const Seconds from = phased.changes[i];
    const Seconds to =
        i + 1 < phased.changes.size() ? phased.changes[i + 1] : phased.scenario.seconds;
    double best = 0;
    for (const StaticResult& each : statics) {
      best = std::max(
          best, GoodputBetween(each.result, AfterSteps(each.result, from, kStepsToSettle), to));
    }
    sum += GoodputBetween(result, AfterSteps(result, from, kStepsToSettle), to) / best;
  }
  return sum / static_cast<double>(phased.changes.size());
}

Result<SuiteRow> RunPoint(const PhasedScenario& phased, const std::string& controller) {
  auto statics = RunStatics(phased.scenario);
  if (!statics.ok()) return statics.error();
  const StaticResult& best = BestOf(*statics);
  auto result = Simulate(phased.scenario, controller);
  if (!result.ok()) return result.error();
  SuiteRow row = RowFor(phased.scenario, "all", *result, best.controller, best.result);
  Require(row.misses, "ratio to the best single static length", row.ratio, kLeastAtAPoint);
  if (phased.changes.empty()) return row;
  const double settled = Settled(phased, *result, *statics);
  char note[64];
  std::snprintf(note, sizeof note, "settled %.3f", settled);
  row.note = note;
  Require(row.misses, "goodput 50 steps after a change, against the best of the phase", settled,
          kLeastSettled);
  return row;
}

}  // namespace

SuitePlan PlanPhases(const SuiteOptions& options) {
  SuitePlan plan{.points = {}, .judge = [](SuiteReport& report) {
                   Require(report.misses, "mean ratio to the best single static length",
                           report.mean, kLeastMean);
                 }};
  const auto add = [&](PhasedScenario phased) {
    plan.points.push_back([phased = std::move(phased), controller = options.controller] {
      return RunPoint(phased, controller);
    });
  };
  for (const Machine& machine : Machines()) {
    for (const int slots : {2, 8, 32}) add(ByAcceptance(machine, slots, options));
    add(ByLoad(machine, options));
    add(ByDay(machine, options));
  }
  return plan;
}

}  // namespace turbospec
