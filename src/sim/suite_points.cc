#include "sim/suite_points.h"

#include <algorithm>
#include <cstdio>

#include "sim/clairvoyant.h"

namespace turbospec {

std::vector<Machine> Machines() {
  return {{"amx", BatchRule::kEqualLength}, {"gpu", BatchRule::kOnePass},
          {"gpu", BatchRule::kEqualLength}, {"linear", BatchRule::kOnePass},
          {"moe", BatchRule::kOnePass},     {"context", BatchRule::kOnePass}};
}

Scenario ClosedScenario(const Machine& machine, int slots, double acceptance,
                        const SuiteOptions& options) {
  Scenario scenario;
  scenario.name = machine.Name() + " slots=" + std::to_string(slots);
  scenario.target.surface = machine.surface;
  scenario.rule = machine.rule;
  scenario.slots = slots;
  scenario.steps = StepsFor(slots, options);
  scenario.seed = options.seed;
  scenario.classes[0].output_tokens = 400;
  scenario.classes[0].acceptance.acceptance = acceptance;
  return scenario;
}

std::int64_t StepsFor(int slots, const SuiteOptions& options) {
  const std::int64_t steps = std::max(3000, 12'000 / slots);
  return 200 + (options.quick ? steps / 2 : steps);
}

Seconds PlainStep(const Scenario& scenario) {
  return TargetCost(scenario)(scenario.slots, scenario.slots, 256) + scenario.host_per_step +
         2 * scenario.slots * scenario.host_per_row;
}

void EndAt(Scenario& scenario, Seconds end) {
  scenario.steps = 0;
  scenario.seconds = end;
  scenario.warm_up = scenario.warm_up_steps * PlainStep(scenario);
}

SuiteRow RowFor(const Scenario& scenario, const std::string& group, const SimulationResult& result,
                const std::string& reference, const SimulationResult& of_reference) {
  SuiteRow row{.group = group,
               .point = scenario.name,
               .reference = reference,
               .reference_rate = of_reference.warm_tokens_per_second,
               .rate = result.warm_tokens_per_second};
  row.ratio = row.reference_rate > 0 ? row.rate / row.reference_rate : 0;
  return row;
}

Status CompareWithBound(const Scenario& scenario, SuiteRow& row) {
  auto clairvoyant = Simulate(scenario, kClairvoyant);
  if (!clairvoyant.ok()) return clairvoyant.error();
  row.of_bound = row.rate / std::max(clairvoyant->warm_tokens_per_second, row.reference_rate);
  return Ok();
}

void Require(std::vector<std::string>& misses, const std::string& what, double value,
             double least) {
  if (value >= least) return;
  char numbers[64];
  std::snprintf(numbers, sizeof numbers, " is %.4f, below %.4f", value, least);
  misses.push_back(what + numbers);
}

double MeanRatio(const std::vector<SuiteRow>& rows, std::string_view group) {
  double sum = 0;
  int count = 0;
  for (const SuiteRow& row : rows) {
    if (!group.empty() && row.group != group) continue;
    sum += row.ratio;
    ++count;
  }
  return count > 0 ? sum / count : 0;
}

}  // namespace turbospec
