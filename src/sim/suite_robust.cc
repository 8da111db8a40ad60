// Whatever goes wrong, speculation may not cost more than 2 %: useless or lying drafts, a profile
// that is off by a factor, stalls, a neighbour on the machine.
#include <cstdio>

#include "sim/suite_points.h"

namespace turbospec {
namespace {

constexpr double kLeast = 0.98;

struct Trouble {
  const char* name;
  void (*apply)(Scenario& scenario);
};

void LyingDraft(Scenario& scenario) {
  scenario.classes[0].acceptance.confidence_bias = 2;
}
void CostsToldTooHigh(Scenario& scenario) {
  scenario.told_slope = 2;
}
void CostsToldTooLow(Scenario& scenario) {
  scenario.told_slope = 0.5;
}
void Stalls(Scenario& scenario) {
  scenario.noise.stall_period = 200 * PlainStep(scenario);
  scenario.noise.stall = 20 * PlainStep(scenario);
}
void Neighbour(Scenario& scenario) {
  scenario.noise.neighbour_period = 300 * PlainStep(scenario);
}

constexpr Trouble kTroubles[] = {{"quiet", [](Scenario&) {}},
                                 {"lying draft", LyingDraft},
                                 {"told slope x2", CostsToldTooHigh},
                                 {"told slope /2", CostsToldTooLow},
                                 {"stalls", Stalls},
                                 {"neighbour", Neighbour}};

Result<SuiteRow> RunPoint(const Scenario& scenario, const std::string& controller) {
  auto off = Simulate(scenario, "off");
  if (!off.ok()) return off.error();
  auto result = Simulate(scenario, controller);
  if (!result.ok()) return result.error();
  SuiteRow row = RowFor(scenario, "all", *result, "off", *off);
  Require(row.misses, "ratio to no speculation", row.ratio, kLeast);
  return row;
}

}  // namespace

SuitePlan PlanRobust(const SuiteOptions& options) {
  SuitePlan plan;
  for (const Machine& machine : Machines()) {
    for (const int slots : {1, 8, 64}) {
      for (const double acceptance : {0.0, 0.1, 0.3, 0.6}) {
        for (const Trouble& trouble : kTroubles) {
          Scenario scenario = ClosedScenario(machine, slots, acceptance, options);
          char name[128];
          std::snprintf(name, sizeof name, "%s slots=%d acceptance=%.1f %s", machine.Name().c_str(),
                        slots, acceptance, trouble.name);
          scenario.name = name;
          trouble.apply(scenario);
          // The same span of time for all, so that all meet the same stalls and neighbours.
          EndAt(scenario, static_cast<double>(scenario.steps) * PlainStep(scenario));
          plan.points.push_back(
              [=, controller = options.controller] { return RunPoint(scenario, controller); });
        }
      }
    }
  }
  return plan;
}

}  // namespace turbospec
