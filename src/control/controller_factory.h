// Makes a Controller from its written form, as the command line and the tests use it.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "core/result.h"
#include "cost/step_cost.h"
#include "turbospec/controller.h"

namespace turbospec {

// What controllers that weigh costs start from.
struct ControllerInputs {
  std::optional<StepCost> cost{};  // of a profile; none = no profile
};

// "off"; "fixed:4" (draft model when there is one, else prompt lookup, depth 4);
// "fixed:draft=4", "fixed:lookup=8", "fixed:lookup=8,draft=4" (lookup where it has a match, else
// the draft model). Depths 1..64. kInvalidArgument names the part that is wrong and the forms.
// "auto" plans by goodput and needs costs.
Result<std::unique_ptr<Controller>> MakeController(std::string_view written,
                                                   const ControllerInputs& inputs = {});

}  // namespace turbospec
