#include "control/depth_table.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "control/written_form.h"

namespace turbospec {
namespace {

struct WrittenRange {
  int first = 0;
  int last = 0;
  int depth = 0;
};

Error WrongRange(std::string_view range, const std::string& why) {
  return InvalidArgument("range \"" + std::string(range) + "\": " + why);
}

// The part before '=': "5-16", "5", "17-".
std::optional<std::pair<int, int>> ParseRequests(std::string_view text) {
  constexpr int kMost = std::numeric_limits<int>::max();
  const std::size_t dash = text.find('-');
  const auto first = ParseWhole(text.substr(0, dash), 1, kMost);
  if (!first) return std::nullopt;
  if (dash == std::string_view::npos) return std::pair(*first, *first);
  if (dash + 1 == text.size()) return std::pair(*first, kMost);
  const auto last = ParseWhole(text.substr(dash + 1), *first, kMost);
  if (!last) return std::nullopt;
  return std::pair(*first, *last);
}

Result<WrittenRange> ParseRange(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return WrongRange(text, "no depth; write it as 5-16=1");
  const auto requests = ParseRequests(text.substr(0, equals));
  if (!requests) return WrongRange(text, "the requests must be 5-16, 5 or 17-, from 1 upwards");
  const auto depth = ParseWhole(text.substr(equals + 1), 0, kMaxWrittenDepth);
  if (!depth) {
    return WrongRange(text, "the depth must be from 0 to " + std::to_string(kMaxWrittenDepth));
  }
  return WrittenRange{.first = requests->first, .last = requests->second, .depth = *depth};
}

}  // namespace

DepthTable DepthTable::BuiltIn() {
  return DepthTable({{.first = 1, .depth = 4},
                     {.first = 10, .depth = 3},
                     {.first = 20, .depth = 2},
                     {.first = 30, .depth = 0}});
}

Result<DepthTable> DepthTable::Parse(std::string_view written) {
  std::vector<DepthRange> ranges;
  int last = 0;
  for (bool more = true; more;) {
    const std::size_t comma = written.find(',');
    const std::string_view text = written.substr(0, comma);
    more = comma != std::string_view::npos;
    if (more) written.remove_prefix(comma + 1);
    auto range = ParseRange(text);
    if (!range.ok()) return range.error();
    if (ranges.empty() && range->first != 1) {
      return WrongRange(text, "the first range must start at 1");
    }
    if (range->first <= last) return WrongRange(text, "it begins before the range before it ends");
    ranges.push_back({.first = range->first, .depth = range->depth});
    last = range->last;
  }
  return DepthTable(std::move(ranges));
}

int DepthTable::DepthFor(int requests) const {
  const auto after = std::ranges::upper_bound(ranges_, requests, {}, &DepthRange::first);
  return after == ranges_.begin() ? ranges_.front().depth : std::prev(after)->depth;
}

}  // namespace turbospec
