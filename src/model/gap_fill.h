// Whether to give idle slots dummy rows, so that a batch with gaps stays in few passes. Under
// equal-length passes a model computes consecutive slots only: active slots 0, 2, 4 cost three
// passes where 0, 1, 2, 3, 4 cost one. What that is worth is a matter of prices: a pass of a 1.1B
// model takes 44 ms with one row and 79 with 16, one of a small model hardly more than its rows.
// Pure functions, called before every batch; a batch without gaps costs one look over the slots.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "turbospec/batch_shape.h"

namespace turbospec {

struct GapFillLimits {
  int max_rows_per_pass = 512;
  int max_rows_per_forward = 512;
};

// Seconds of a pass of `sequences` slots and `rows` rows in all.
using PassSeconds = std::function<double(int sequences, int rows)>;

// Whether an idle slot parts active ones.
bool HasGap(std::span<const int> rows_by_slot);

// Dummy rows by slot, 0 wherever rows_by_slot is not. A gap between two active slots is filled with
// the shorter neighbour's rows, when every idle slot in it has room for them, the batch stays
// within its limits and the seconds of all passes go down. Empty when nothing is worth filling.
// Example, a pass takes 6 + rows: rows {1, 0, 1} -> {0, 1, 0}: 7 + 7 -> 9.
std::vector<int> PlanGapFill(std::span<const int> rows_by_slot, std::span<const int> room_by_slot,
                             const GapFillLimits& limits, const PassSeconds& seconds);

// The same for slots that hold lengths[s] tokens of context_per_slot, by a model's prices at the
// mean context of these rows.
std::vector<int> PlanGapFill(std::span<const int> rows_by_slot, std::span<const int> lengths,
                             int context_per_slot, const GapFillLimits& limits,
                             const PassCost& prices);

// The equal-length passes of these rows and their fillers, of which there may be none.
std::vector<Pass> SplitFilled(std::span<const int> rows_by_slot, std::span<const int> fillers,
                              int max_rows_per_pass);

}  // namespace turbospec
