// How a model cuts one ragged batch into passes, so that cost model, planner, simulator and model
// adapters price the same thing. Pure functions; a call costs O(slots x passes).
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "turbospec/types.h"

namespace turbospec {

enum class BatchRule {
  // Rows of all sequences form one pass whatever their lengths (only the row limit cuts it).
  kOnePass,
  // Every pass holds the same number of rows of each of its sequences, and its sequences are
  // consecutive slots. A ragged or gapped batch becomes several passes.
  kEqualLength,
};

// One forward computation: `sequences` consecutive slots from `first_slot`, `rows_per_sequence`
// rows each. Under kOnePass a pass is ragged: rows_per_sequence is 0 and `rows` alone counts.
struct Pass {
  int first_slot = 0;
  int sequences = 0;
  int rows_per_sequence = 0;
  int rows = 0;

  friend bool operator==(const Pass&, const Pass&) = default;
};

// Seconds of one pass of so many sequences and rows (in all), each row attending to `mean_context`
// tokens on average.
using PassCost = std::function<Seconds(int sequences, int rows, double mean_context)>;

// The passes for left[s] >= 0 rows of slot s, submitted in slot order, with at most `max_rows` >= 1
// rows per pass; visit(pass) is called for each in turn. Uses `left` up. No pass without rows.
//
// kEqualLength restates libllama's split of a batch with one KV stream per sequence: take the
// first slot with rows left and the slots that follow it without a gap; give each as many rows as
// the shortest of them still has, as long as the pass stays within max_rows; repeat.
// Example: {5, 5, 1, 1} -> 4 slots x 1 row, then 2 slots x 4 rows.
template <class Visit>
void ForEachPass(BatchRule rule, std::span<int> left, int max_rows, Visit visit) {
  std::size_t first = 0;
  for (;;) {
    while (first < left.size() && left[first] == 0) ++first;
    if (first == left.size()) return;
    Pass pass{.first_slot = static_cast<int>(first)};
    if (rule == BatchRule::kOnePass) {
      for (std::size_t s = first; s < left.size() && pass.rows < max_rows; ++s) {
        const int taken = std::min(left[s], max_rows - pass.rows);
        left[s] -= taken;
        pass.rows += taken;
        pass.sequences += taken > 0 ? 1 : 0;
      }
    } else {
      int shortest = left[first];
      for (std::size_t s = first; s < left.size() && left[s] > 0 && pass.sequences < max_rows;
           ++s) {
        shortest = std::min(shortest, left[s]);
        ++pass.sequences;
      }
      pass.rows_per_sequence = std::min(shortest, std::max(1, max_rows / pass.sequences));
      pass.rows = pass.rows_per_sequence * pass.sequences;
      for (int s = 0; s < pass.sequences; ++s) {
        left[first + static_cast<std::size_t>(s)] -= pass.rows_per_sequence;
      }
    }
    visit(pass);
  }
}

// All of them. Empty when there are no rows.
inline std::vector<Pass> SplitIntoPasses(BatchRule rule, std::span<const int> rows_by_slot,
                                         int max_rows) {
  std::vector<int> left(rows_by_slot.begin(), rows_by_slot.end());
  std::vector<Pass> passes;
  ForEachPass(rule, left, max_rows, [&](const Pass& pass) { passes.push_back(pass); });
  return passes;
}

// Slots that have rows in these passes of one batch.
inline int SequencesIn(std::span<const Pass> passes) {
  if (passes.size() == 1) return passes.front().sequences;
  std::vector<char> has_rows;
  for (const Pass& pass : passes) {
    const auto end = static_cast<std::size_t>(pass.first_slot + pass.sequences);
    if (has_rows.size() < end) has_rows.resize(end);
    std::fill(has_rows.begin() + pass.first_slot,
              has_rows.begin() + pass.first_slot + pass.sequences, 1);
  }
  return static_cast<int>(std::count(has_rows.begin(), has_rows.end(), 1));
}

}  // namespace turbospec
