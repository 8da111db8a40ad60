// Requests that decode together -> draft depth: the schedule that users of vLLM write by hand
// (num_speculative_tokens_per_batch_size), and the one that is built into MLC-LLM. Value.
#pragma once

#include <string_view>
#include <vector>

#include "core/result.h"

namespace turbospec {

struct DepthRange {
  int first = 1;  // smallest number of requests
  int depth = 0;  // 0 = no speculation
};

class DepthTable {
 public:
  // MLC-LLM's: below 10 requests 4, below 20 3, below 30 2, else 0.
  static DepthTable BuiltIn();

  // "1-4=3,5-16=1,17-=0": ranges of requests with their depth, 0..64; a range is "5-16", "5" or,
  // at the end, "17-". As in vLLM the first range starts at 1, ranges do not overlap, and what
  // lies between two of them or behind the last has the depth of the range before. The message of
  // an error names the range that is wrong.
  static Result<DepthTable> Parse(std::string_view written);

  int DepthFor(int requests) const;

 private:
  explicit DepthTable(std::vector<DepthRange> ranges) : ranges_(std::move(ranges)) {}

  std::vector<DepthRange> ranges_;  // ascending; each holds up to the next one
};

}  // namespace turbospec
