#include "workload/number_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace turbospec {

namespace {

template <class T>
std::optional<T> Parse(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc() || rest != end) return std::nullopt;
  return value;
}

}  // namespace

std::optional<double> NumberOf(std::string_view text) {
  const std::optional<double> value = Parse<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<std::int64_t> WholeNumberOf(std::string_view text) {
  return Parse<std::int64_t>(text);
}

std::vector<std::string_view> PiecesOf(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (true) {
    const std::size_t cut = text.find(separator);
    pieces.push_back(text.substr(0, cut));
    if (cut == std::string_view::npos) return pieces;
    text.remove_prefix(cut + 1);
  }
}

Result<std::vector<std::pair<std::string, double>>> NamedNumbersOf(std::string_view text) {
  std::vector<std::pair<std::string, double>> pairs;
  for (std::string_view piece : PiecesOf(text, ',')) {
    const std::string quoted = "\"" + std::string(piece) + "\"";
    const std::size_t equals = piece.find('=');
    if (equals == 0 || equals == std::string_view::npos) {
      return InvalidArgument(quoted + " is not of the form name=number");
    }
    const std::optional<double> value = NumberOf(piece.substr(equals + 1));
    if (!value) return InvalidArgument(quoted + ": what follows = is not a number");
    std::string name(piece.substr(0, equals));
    if (std::any_of(pairs.begin(), pairs.end(), [&](auto& pair) { return pair.first == name; })) {
      return InvalidArgument("\"" + name + "\" is given twice");
    }
    pairs.emplace_back(std::move(name), *value);
  }
  return pairs;
}

}  // namespace turbospec
