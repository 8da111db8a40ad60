// From measured points to the complete grids of a profile. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "core/result.h"
#include "cost/cost_profile.h"
#include "profile/sweep_plan.h"

namespace turbospec {

struct MeasuredPoint {
  SweepPoint point{};
  double actual_context = 0;  // short slots cannot reach every context that was planned
  std::vector<Seconds> runs;  // the first, which does not count if there are more, and the others
  std::vector<std::size_t> returns{};  // of runs: other shapes were computed right before

  // The lower quartile of the runs that count: others make a pass slower, never quicker, and what
  // they do to all of them is for the drift to say. REQUIRES: runs is not empty.
  Seconds Value() const;
};

// Grid points without a run are inferred: from the same row count at another context and what a row
// costs there per attended token, as seen elsewhere. Fails if nothing was measured.
Result<ModelCosts> CostsOf(std::vector<MeasuredPoint> points, int slots);

}  // namespace turbospec
