// One step as text for people and as JSON: what was considered, what was chosen and why, what each
// request proposed and got, and whether the forecast held. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "control/step_record.h"

namespace turbospec {

std::string StepText(const StepRecord& record);
nlohmann::ordered_json StepJson(const StepRecord& record);

}  // namespace turbospec
