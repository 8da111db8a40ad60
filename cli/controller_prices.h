// Hands a measured profile to the controllers, in the forms they ask for. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "control/controller_inputs.h"
#include "core/result.h"
#include "cost/cost_profile.h"

namespace turbospec::cli {

// Whether the controller of this written form weighs prices (auto, paper, budget).
bool NeedsPrices(std::string_view speculation);

// No prices without a profile. `slots` requests of at most `max_context` tokens decode together.
Result<ControllerInputs> ControllerInputsOf(const std::optional<CostProfile>& profile, int slots,
                                            int max_context);

// Whether a controller has that written form and parameters, before anything is loaded or measured.
Status CheckSpeculation(std::string_view speculation);

}  // namespace turbospec::cli
