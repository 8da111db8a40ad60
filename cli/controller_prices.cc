#include "cli/controller_prices.h"

#include <memory>
#include <utility>

#include "control/controller_factory.h"
#include "cost/linear_fit.h"

namespace turbospec::cli {
namespace {

PassCost PassCostOf(const CostSurface& surface) {
  return [shared = std::make_shared<const CostSurface>(surface)](int sequences, int rows,
                                                                 double mean_context) {
    return shared->At({.sequences = sequences, .rows = rows, .mean_context = mean_context});
  };
}

Result<LinearCost> LineOf(const CostTables& tables) {
  auto fit = FitLinear(SamplesOf(tables, /*measured_only=*/true));
  if (!fit.ok()) return fit.error();
  return LinearCost{.per_kv = fit->per_kv,
                    .per_row = fit->per_row,
                    .per_sequence = fit->per_sequence,
                    .fixed = fit->fixed};
}

struct Prices {
  CostSurface surface;
  LinearCost line;
};

Result<Prices> PricesOf(const ModelCosts& costs) {
  auto surface = CostSurface::Create(costs.tables);
  if (!surface.ok()) return surface.error();
  auto line = LineOf(costs.tables);
  if (!line.ok()) return line.error();
  return Prices{.surface = *std::move(surface), .line = *line};
}

// Any prices: enough to find out whether a controller can be made.
CostProfile AnyProfile() {
  CostProfile profile;
  profile.target.tables.one = {
      .contexts = {1}, .rows = {1}, .seconds = {Seconds(1)}, .measured = {1}};
  profile.draft = profile.target;
  return profile;
}

}  // namespace

bool NeedsPrices(std::string_view speculation) {
  for (const std::string_view name : {"auto", "paper", "budget"}) {
    if (speculation.substr(0, speculation.find(':')) == name) return true;
  }
  return false;
}

Result<ControllerInputs> ControllerInputsOf(const std::optional<CostProfile>& profile, int slots,
                                            int max_context) {
  ControllerInputs inputs;
  inputs.max_sequences = slots;
  inputs.max_context = max_context;
  if (!profile) return inputs;
  auto target = PricesOf(profile->target);
  if (!target.ok()) return target.error();
  inputs.target_pass = PassCostOf(target->surface);
  inputs.target_line = target->line;
  inputs.measured_rows = profile->target.tables.one.rows;
  std::optional<CostModel> draft_model;
  if (profile->draft) {
    auto draft = PricesOf(*profile->draft);
    if (!draft.ok()) return draft.error();
    inputs.draft_pass = PassCostOf(draft->surface);
    inputs.draft_line = draft->line;
    draft_model.emplace(draft->surface,
                        CostModelOptions{.shape_change = profile->draft->shape_change});
  }
  inputs.cost.emplace(CostModel(target->surface, {.shape_change = profile->target.shape_change}),
                      std::move(draft_model), HostCost(profile->host));
  return inputs;
}

Status CheckSpeculation(std::string_view speculation) {
  auto inputs = ControllerInputsOf(AnyProfile(), /*slots=*/1, /*max_context=*/1);
  if (!inputs.ok()) return inputs.error();
  auto controller = MakeController(speculation, *inputs);
  if (!controller.ok()) return controller.error();
  return Ok();
}

}  // namespace turbospec::cli
