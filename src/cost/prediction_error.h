// How far predictions were from what was measured, over the last observations: what telemetry shows
// of a cost model. Owned by the model's thread. Adding costs some nanoseconds; the median sorts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "turbospec/types.h"

namespace turbospec {

class PredictionError {
 public:
  explicit PredictionError(std::size_t window = 256) : window_(window) {}

  // REQUIRES: measured > 0.
  void Add(Seconds predicted, Seconds measured);

  // |predicted - measured| / measured over the window: 0.07 = 7 %. 0 without observations.
  double Mean() const;
  double Median() const;
  std::int64_t observations() const { return observations_; }

 private:
  std::size_t window_;
  std::vector<double> relative_;  // a ring
  std::int64_t observations_ = 0;
};

}  // namespace turbospec
