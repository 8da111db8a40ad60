#include "sim/told_costs.h"

#include <utility>

#include "control/controller_factory.h"
#include "cost/step_cost.h"
#include "sim/clairvoyant.h"
#include "sim/true_costs.h"

namespace turbospec {
namespace {

// The surface that a profile of that machine would hold: its grid points, nothing between.
CostModel Measured(const PassCost& cost, int slots) {
  static constexpr int kRows[] = {1,  2,  3,   4,   5,   6,   7,   8,   10,  12,
                                  14, 16, 20,  24,  28,  32,  40,  48,  56,  64,
                                  80, 96, 128, 160, 192, 256, 320, 384, 512, 640};
  static constexpr double kContexts[] = {16, 256, 1024, 4096};
  const auto seconds = [&](const PassShape& shape) {
    return cost(shape.sequences, shape.rows, shape.mean_context);
  };
  // True costs are positive and finite, so that the tables are valid.
  return CostModel(*CostSurface::Create(TablesOf(seconds, kContexts, kRows, slots)));
}

ControllerInputs Told(const Scenario& scenario) {
  ControllerInputs inputs;
  inputs.max_sequences = scenario.slots;
  inputs.max_context = scenario.context_per_slot;
  inputs.target_pass = WithWrongSlope(TargetCost(scenario), scenario.told_slope);
  std::optional<CostModel> draft;
  if (scenario.draft_model) {
    inputs.draft_pass = WithWrongSlope(DraftCost(scenario), scenario.told_slope);
    draft = Measured(inputs.draft_pass, scenario.slots);
  }
  inputs.cost =
      StepCost(Measured(inputs.target_pass, scenario.slots), std::move(draft),
               HostCost({.per_step = scenario.host_per_step, .per_row = scenario.host_per_row}));
  return inputs;
}

}  // namespace

Result<std::unique_ptr<Controller>> MakeTold(const Scenario& scenario,
                                             std::string_view controller) {
  return MakeController(controller, Told(scenario));
}

Status CheckController(std::string_view controller) {
  if (controller == kClairvoyant) return Ok();
  auto made = MakeTold(Scenario{}, controller);
  if (!made.ok()) return made.error();
  return Ok();
}

}  // namespace turbospec
