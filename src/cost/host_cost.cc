#include "cost/host_cost.h"

#include <algorithm>
#include <cmath>

namespace turbospec {
namespace {

// A weight halves after some 140 steps.
constexpr double kFading = 0.995;
// The prior counts as this many steps of 0 and as many of kPriorRows rows.
constexpr double kPriorSteps = 1;
constexpr double kPriorRows = 16;
// What a step may count for: so many times the prediction, plus a floor for tiny predictions. A
// lasting rise is followed all the same, since the prediction rises with each step.
constexpr double kOutlierTimes = 3;
constexpr double kOutlierFloor = 50e-6;

}  // namespace

HostCost::HostCost(const HostRates& prior) : prior_(prior), rates_(prior) {}

void HostCost::Observe(int rows, Seconds seconds) {
  if (rows < 0 || !std::isfinite(seconds.count()) || seconds.count() < 0) return;
  const double n = rows;
  const double counted =
      std::min(seconds.count(), kOutlierTimes * Predict(rows).count() + kOutlierFloor);
  const auto add = [](double& sum, double value) { sum = sum * kFading + value; };
  add(weight_, 1);
  add(rows_, n);
  add(rows_squared_, n * n);
  add(seconds_, counted);
  add(rows_seconds_, n * counted);
  Solve();
}

// Weighted least squares for seconds = a + b * rows over the steps and the prior's.
void HostCost::Solve() {
  const double at_prior_rows = prior_.per_step.count() + prior_.per_row.count() * kPriorRows;
  const double w = weight_ + 2 * kPriorSteps;
  const double x = rows_ + kPriorSteps * kPriorRows;
  const double xx = rows_squared_ + kPriorSteps * kPriorRows * kPriorRows;
  const double y = seconds_ + kPriorSteps * (prior_.per_step.count() + at_prior_rows);
  const double xy = rows_seconds_ + kPriorSteps * kPriorRows * at_prior_rows;
  double per_row = std::max(0.0, (w * xy - x * y) / (w * xx - x * x));
  double per_step = (y - per_row * x) / w;
  if (per_step < 0) {
    per_step = 0;
    per_row = std::max(0.0, xy / xx);
  }
  rates_ = {.per_step = Seconds(per_step), .per_row = Seconds(per_row)};
}

}  // namespace turbospec
