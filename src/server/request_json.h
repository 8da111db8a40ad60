// The first look at an untrusted body: text to JSON, or a 400 that says what is wrong and where.
// Pure; any thread. Costs one walk for the limits and one to parse.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "server/api_error.h"

namespace turbospec {

// Far above what the API needs; they bound stack and memory (a parsed value takes many times the
// bytes of its text).
inline constexpr int kMaxJsonDepth = 32;
inline constexpr int kMaxJsonValues = 1 << 20;

// A JSON object. Invalid UTF-8, numbers that no double can hold, nesting beyond kMaxJsonDepth, more
// than kMaxJsonValues values and anything that is not an object are refused.
ApiResult<nlohmann::json> ParseRequestJson(std::string_view body);

}  // namespace turbospec
