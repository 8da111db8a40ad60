// Makes a Controller from its written form, as the command line, the simulator and the tests use
// it.
#pragma once

#include <memory>
#include <string_view>

#include "control/controller_inputs.h"
#include "core/result.h"
#include "turbospec/controller.h"

namespace turbospec {

// Written forms; docs/controllers.md tells what each one does:
//   auto                 plans by goodput; needs inputs.cost
//   off
//   fixed:4              draft model when there is one, else prompt lookup, depth 4
//   fixed:draft=4        fixed:lookup=8        fixed:lookup=8,draft=4 (lookup where it has a match)
//   table                table:1-4=3,5-16=1,17-=0 (requests=depth)
//   ema
//   paper[:K][,censored] needs inputs.target_line, and draft_line for a draft model
//   budget[:K]           needs inputs.target_pass, and draft_pass for a draft model
// Depths 1..64. kInvalidArgument names the part that is wrong and the forms, or the prices that are
// missing.
Result<std::unique_ptr<Controller>> MakeController(std::string_view written,
                                                   const ControllerInputs& inputs = {});

}  // namespace turbospec
