// A LogSummary as text for people and as JSON. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "decisions/decision_log_reader.h"
#include "decisions/log_summary.h"

namespace turbospec {

// What a reader must know of the log beside its figures: whether it was cut, what is missing.
std::string GapNote(const DecisionLogReader& log);

std::string SummaryText(const DecisionLogHeader& header, const LogSummary& summary);
nlohmann::ordered_json SummaryJson(const DecisionLogHeader& header, const LogSummary& summary);

}  // namespace turbospec
