// Text for the requests of a trace, which carry lengths only: prompts of a workload's classes, cut
// or strung together to about the wanted length, at 3.5 characters a token (what English text comes
// to with common tokenizers; code and JSON come out some tens of per cent longer in tokens). Pure
// in the seed. O(characters).
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "workload/mix.h"
#include "workload/trace.h"
#include "workload/workload.h"

namespace turbospec {

inline constexpr double kCharactersPerToken = 3.5;

struct FillOptions {
  // Longer requests are cut to these, for models with little context.
  int max_prompt_tokens = std::numeric_limits<int>::max();
  int max_output_tokens = std::numeric_limits<int>::max();
};

struct TimedItem {
  Seconds at{0};
  WorkloadItem item;

  bool operator==(const TimedItem&) const = default;
};

// One item for every request, in order. A chat item becomes one user message whose beginning (the
// instruction) is kept. Requests that share block ids share the text of these blocks, so that a
// prefix cache finds in the replay what it would have found in the original.
Result<std::vector<TimedItem>> FillTrace(const Trace& trace, const Workload& workload,
                                         const Mix& mix, Split split, std::uint64_t seed,
                                         const FillOptions& options = {});

}  // namespace turbospec
