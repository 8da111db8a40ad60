// Turns what `turbospec generate` measured into text and JSON. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/clock.h"
#include "engine/engine_statistics.h"
#include "engine/generation.h"

namespace turbospec::cli {

// One finished request as a JSON object: index, text, tokens, finish_reason, usage, timings.
nlohmann::json ResultJson(int index, const std::string& text, const OutputDelta& last,
                          const std::vector<OutputToken>& tokens, int logprobs);

// The whole run: tokens/s, steps, acceptance length, per-position acceptance by proposer, seconds
// in draft, target, sampling and the rest.
nlohmann::json SummaryJson(const EngineStatistics& statistics, Seconds wall);

// The same on one line for people.
std::string SummaryLine(const EngineStatistics& statistics, Seconds wall);

}  // namespace turbospec::cli
