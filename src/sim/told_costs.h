// Makes a controller as a serving machine would: from its written form and what a profile of the
// simulated machine would say, which need not be the truth. Cheap.
#pragma once

#include <memory>
#include <string_view>

#include "core/result.h"
#include "sim/scenario.h"
#include "turbospec/controller.h"

namespace turbospec {

// REQUIRES: Validate(scenario) passed.
Result<std::unique_ptr<Controller>> MakeTold(const Scenario& scenario, std::string_view controller);

// Whether the written form names a controller.
Status CheckController(std::string_view controller);

}  // namespace turbospec
