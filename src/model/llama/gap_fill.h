// Whether to give idle slots dummy rows, so that a batch with gaps stays in few passes. With one KV
// stream per slot libllama computes consecutive slots only: active slots 0, 2, 4 cost three passes
// where 0, 1, 2, 3, 4 cost one. Pure functions, called by LlamaModel before every batch; a batch
// without gaps costs one look over the slots.
#pragma once

#include <span>
#include <vector>

#include "turbospec/types.h"

namespace turbospec {

struct GapFillLimits {
  int max_rows_per_pass = 512;
  int max_rows_per_forward = 512;
  // What one more pass costs beside its rows, in rows. A fill must save more than it adds. Measured
  // with Q8_0: about 1 with AVX-512 VNNI (16M and 110M parameters); where a pass has a high fixed
  // price, as with AMX tiles, more.
  double pass_cost_rows = 6;
  // Longer runs amortise their pass by themselves.
  int max_rows_per_slot = 16;
};

// pass_cost_rows from two measured passes of as many sequences as rows: one row in
// `one_row` seconds, `rows` >= 2 rows in `many_rows`. 0 when rows are as dear as passes.
// Example: 10 ms for 1 row, 15 ms for 11 -> a row is 0.5 ms, the pass itself 9.5 ms: 19 rows.
double PassCostRows(Seconds one_row, Seconds many_rows, int rows);

// Dummy rows by slot, 0 wherever rows_by_slot is not. A gap between two active slots is filled with
// the shorter neighbour's rows, when every idle slot in it has room for them, the batch stays
// within its limits, fillers do not outnumber the rows of the batch, and
// passes x pass_cost_rows + rows goes down. Empty when nothing is worth filling.
// Example, pass cost 6: rows {1, 0, 1} -> {0, 1, 0}: 2 passes, 2 rows (14) -> 1 pass, 3 rows (9).
std::vector<int> PlanGapFill(std::span<const int> rows_by_slot, std::span<const int> room_by_slot,
                             const GapFillLimits& limits);

}  // namespace turbospec
