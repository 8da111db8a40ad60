// Pieces for reading controllers in their written form ("fixed:4", "paper:8,censored").
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace turbospec {

inline constexpr int kMaxWrittenDepth = 64;  // draft tokens per request and step

// The number that `text` is from end to end, if it lies within [least, most].
std::optional<int> ParseWhole(std::string_view text, int least, int most);

// A depth from 1 to kMaxWrittenDepth.
std::optional<int> ParseDepth(std::string_view text);

// kInvalidArgument: what was written, what is wrong with it, and all forms there are.
Error WrongForm(std::string_view written, const std::string& why);

}  // namespace turbospec
