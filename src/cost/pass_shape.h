// One forward computation as the cost model sees it. Value types, shared by profile, cost model,
// controllers and simulator. A ragged step is priced pass by pass: SplitIntoPasses
// (turbospec/batch_shape.h) gives its passes, ShapeOf turns each into a shape.
#pragma once

#include "turbospec/batch_shape.h"
#include "turbospec/types.h"

namespace turbospec {

struct PassShape {
  int sequences = 0;        // 1..rows; sequences that share the pass
  int rows = 0;             // tokens that enter
  double mean_context = 0;  // attended tokens per row, mean over the rows

  friend bool operator==(const PassShape&, const PassShape&) = default;
};

inline PassShape ShapeOf(const Pass& pass, double mean_context) {
  return {.sequences = pass.sequences, .rows = pass.rows, .mean_context = mean_context};
}

// One measurement.
struct CostSample {
  PassShape shape{};
  Seconds seconds{0};

  friend bool operator==(const CostSample&, const CostSample&) = default;
};

}  // namespace turbospec
