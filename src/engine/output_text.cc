#include "engine/output_text.h"

#include <algorithm>

namespace turbospec {

bool OutputText::Append(std::string_view piece, std::string& out) {
  utf8_.Append(piece, held_);
  if (CutAtStop(out)) return true;
  const std::size_t safe = held_.size() - PossibleStopTail();
  out.append(held_, 0, safe);
  held_.erase(0, safe);
  return false;
}

void OutputText::Finish(std::string& out) {
  utf8_.Flush(held_);
  if (!CutAtStop(out)) out.append(held_);
  held_.clear();
}

bool OutputText::CutAtStop(std::string& out) {
  std::size_t first = std::string::npos;
  for (const std::string& stop : stop_) {
    const std::size_t at = held_.find(stop);
    if (at >= first) continue;
    first = at;
    matched_ = stop;
  }
  if (first == std::string::npos) return false;
  out.append(held_, 0, first);
  held_.clear();
  return true;
}

// Length of the longest tail of held_ that begins some stop string.
std::size_t OutputText::PossibleStopTail() const {
  std::size_t longest = 0;
  for (const std::string& stop : stop_) {
    for (std::size_t n = std::min(stop.size() - 1, held_.size()); n > longest; --n) {
      if (held_.compare(held_.size() - n, n, stop, 0, n) == 0) longest = n;
    }
  }
  return longest;
}

}  // namespace turbospec
