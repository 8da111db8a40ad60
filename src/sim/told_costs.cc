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
  std::optional<CostModel> draft;
  if (scenario.draft_model) {
    draft = Measured(WithWrongSlope(DraftCost(scenario), scenario.told_slope), scenario.slots);
  }
  return {.cost = StepCost(
              Measured(WithWrongSlope(TargetCost(scenario), scenario.told_slope), scenario.slots),
              std::move(draft),
              HostCost({.per_step = scenario.host_per_step, .per_row = scenario.host_per_row}))};
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
