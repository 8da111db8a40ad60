// What a pass of n rows takes, n of one sequence and one of n sequences: the staircase that a plan
// of speculation climbs. The row counts take turns within every round, so that drift of the
// machine hits all alike; one round before the first warms up. Called by one thread, which owns the
// model; costs (rounds + 1) passes for every count and form, and the contexts before them.
//
// Timed: Forward with logits for every row. Not timed: filling the context, truncation.
#pragma once

#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "model/model.h"

namespace turbospec {

struct StaircaseOptions {
  std::vector<int> rows = {1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32};
  int context = 64;  // tokens in every sequence before the pass
  int rounds = 5;
};

struct PassTimes {
  Seconds median{0};
  Seconds fastest{0};
  Seconds slowest{0};
};

struct Stair {
  int rows = 0;
  PassTimes one_sequence;
  PassTimes one_row_each;
};

// One stair per entry of options.rows. kInvalidArgument when the model has too few slots, too
// little context or takes too few rows.
Result<std::vector<Stair>> MeasureStaircase(Model& model, const Clock& clock,
                                            const StaircaseOptions& options);

}  // namespace turbospec
