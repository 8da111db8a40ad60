// What a Replay found, as text for people and as JSON. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "decisions/replay.h"

namespace turbospec {

// One line, and the head of the table of such lines.
std::string ReplayStepHead();
std::string ReplayStepText(const StepComparison& step);
nlohmann::ordered_json ReplayStepJson(const StepComparison& step);

// `recorded` and `other` are the names of the controllers.
std::string ReplayText(std::string_view recorded, std::string_view other, const ReplayTotals& t);
nlohmann::ordered_json ReplayJson(std::string_view recorded, std::string_view other,
                                  const ReplayTotals& t);

}  // namespace turbospec
