// Which passes a profile measures, chosen so that they fit into its time. Pure: from the model's
// limits and a first impression of its speed to a list of points in measuring order.
#pragma once

#include <vector>

#include "cost/cost_profile.h"
#include "cost/cost_surface.h"

namespace turbospec {

struct SweepLimits {
  int slots = 1;
  int context_per_slot = 0;
  int max_rows = 0;  // of one pass
};

// A pass to measure: `sequences` slots from 0 on, rows / sequences rows each, at this mean context.
struct SweepPoint {
  PassShape shape{};
  bool spread = false;  // of the grid of passes over all slots
  bool check = false;   // judges the surface instead of being part of it
  int runs = 1;         // that count; one more before them does not

  int rows_per_sequence() const { return shape.rows / shape.sequences; }
};

struct SweepPlan {
  // Single-sequence passes first; within a form by falling context, then by rising rows, so that
  // the KV of a slot is filled once and then only cut.
  std::vector<SweepPoint> points;
  // The runs of a point are spread over so many rounds through all points, if there is time to fill
  // the KV again for each: then a slow minute of the machine costs a point some of its runs only.
  int rounds = 1;
  Seconds expected{0};
};

// `scouted` is a coarse surface of single-sequence passes. The plan is the most detailed one
// expected to end within `budget`; if none is, the least detailed one, of which the sweep measures
// what it can.
SweepPlan PlanSweep(const SweepLimits& limits, ProfileMode mode, Seconds budget,
                    const CostSurface& scouted);

}  // namespace turbospec
