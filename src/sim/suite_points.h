// What the suites are made of: points that can be run, the machines they run on, and the judgement
// over all of them. Internal to the suites.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/suite.h"

namespace turbospec {

using SuitePoint = std::function<Result<SuiteRow>()>;

struct SuitePlan {
  std::vector<SuitePoint> points;
  // Adds to report.misses what only the whole shows.
  std::function<void(SuiteReport& report)> judge = [](SuiteReport&) {};
};

SuitePlan PlanConstant(const SuiteOptions& options);
SuitePlan PlanMixed(const SuiteOptions& options);
SuitePlan PlanPhases(const SuiteOptions& options);
SuitePlan PlanRobust(const SuiteOptions& options);
SuitePlan PlanRecover(const SuiteOptions& options);

// A surface under a batch rule.
struct Machine {
  std::string surface;
  BatchRule rule = BatchRule::kOnePass;

  std::string Name() const {
    return surface + (rule == BatchRule::kEqualLength ? "/equal" : "/one");
  }
};
// Six: the surfaces of true_costs.h, and "gpu" under both rules.
std::vector<Machine> Machines();

// A closed loop that fills `slots`, one class of requests, noise of 2 %.
Scenario ClosedScenario(const Machine& machine, int slots, double acceptance,
                        const SuiteOptions& options);

// Steps that give about the same count of tokens for every number of slots.
std::int64_t StepsFor(int slots, const SuiteOptions& options);

// The time of one step without speculation.
Seconds PlainStep(const Scenario& scenario);

// From now on the scenario ends by time, the warm-up too: the same span for every controller.
void EndAt(Scenario& scenario, Seconds end);

// Compares the controller with a reference on warm goodput.
SuiteRow RowFor(const Scenario& scenario, const std::string& group, const SimulationResult& result,
                const std::string& reference, const SimulationResult& of_reference);

// Sets row.of_bound, for which the clairvoyant runs.
Status CompareWithBound(const Scenario& scenario, SuiteRow& row);

// "what (value) is below bound", for a row's misses.
void Require(std::vector<std::string>& misses, const std::string& what, double value, double least);

// Mean of the ratios of a group ("" = all); 0 when it has no rows.
double MeanRatio(const std::vector<SuiteRow>& rows, std::string_view group);

}  // namespace turbospec
