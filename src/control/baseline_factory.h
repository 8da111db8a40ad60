// Makes the controllers that other engines ship, from the part of their written form after the
// name. Called by MakeController only.
#pragma once

#include <memory>
#include <string_view>

#include "control/controller_inputs.h"
#include "core/result.h"
#include "turbospec/controller.h"

namespace turbospec {

// `written` is the whole form, for names and messages; `rest` what follows the name, e.g. ":8".
Result<std::unique_ptr<Controller>> MakeTable(std::string_view written, std::string_view rest);
Result<std::unique_ptr<Controller>> MakeEma(std::string_view written, std::string_view rest);
Result<std::unique_ptr<Controller>> MakePaper(std::string_view written, std::string_view rest,
                                              const ControllerInputs& inputs);
Result<std::unique_ptr<Controller>> MakeBudget(std::string_view written, std::string_view rest,
                                               const ControllerInputs& inputs);

}  // namespace turbospec
