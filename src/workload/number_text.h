// Numbers as people write them in flags and trace files: the whole text must be the number, in
// plain or scientific notation, finite, without sign games or blanks. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace turbospec {

std::optional<double> NumberOf(std::string_view text);
std::optional<std::int64_t> WholeNumberOf(std::string_view text);

// "a=1,b=2.5" as pairs, in order. Refuses an empty list, a missing "=", an empty or repeated name
// and what is not a number.
Result<std::vector<std::pair<std::string, double>>> NamedNumbersOf(std::string_view text);

// Splits at every `separator`; an empty text is one empty piece.
std::vector<std::string_view> PiecesOf(std::string_view text, char separator);

}  // namespace turbospec
