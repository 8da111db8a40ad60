// What the simulated machine really takes for a pass: the truth that a controller is told more or
// less of. A measured profile becomes a surface by being wrapped in a PassCost. Surfaces are pure
// functions of a pass's shape; a call costs nanoseconds. Built once per simulation, shared by its
// replicas.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "turbospec/batch_shape.h"
#include "turbospec/types.h"

namespace turbospec {

// A surface by name, or by points; then stretched.
struct CostOptions {
  // amx     staircase of a 1.1B model on two CPU cores: 44 ms at 1 row, 90 at 16, 278 at 40
  // gpu     flat to 160 rows, then linear: 10 ms, then 0.05 ms a row
  // linear  12 ms and 0.25 ms a row
  // moe     each row loads experts: steep to some 16 rows, then flat, linear beyond 192
  // context like gpu, and every attended token of a row costs
  std::string surface = "gpu";
  // rows -> seconds, ascending; used instead of `surface` when given. Between points a straight
  // line, beyond the last in proportion to the rows.
  std::vector<std::pair<int, Seconds>> points{};
  double scale = 1;              // times everything; > 0
  Seconds per_context_token{0};  // added per row and attended token
};

// kInvalidArgument: unknown name, points that do not ascend, scale not positive.
Result<PassCost> MakePassCost(const CostOptions& options);

// The names of the surfaces above.
std::vector<std::string_view> SurfaceNames();

// Time of everything one Forward makes of rows_by_slot: the sum over its passes.
Seconds CostOfForward(const PassCost& cost, const std::vector<Pass>& passes, double mean_context);

// The cost that a profile wrong in its slope would state: right for one row, its growth with rows
// times `slope`.
PassCost WithWrongSlope(PassCost truth, double slope);

}  // namespace turbospec
