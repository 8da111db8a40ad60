// What a step costs outside of the models' passes (planning, sampling, bookkeeping): so much per
// step and so much per row, learned online by least squares that forgets and that cuts outliers.
// Pure and deterministic; owned by one thread; some nanoseconds per call.
#pragma once

#include "turbospec/types.h"

namespace turbospec {

struct HostRates {
  Seconds per_step{20e-6};
  Seconds per_row{2e-6};

  friend bool operator==(const HostRates&, const HostRates&) = default;
};

class HostCost {
 public:
  explicit HostCost(const HostRates& prior = {});

  Seconds Predict(int rows) const { return rates_.per_step + rates_.per_row * rows; }
  const HostRates& rates() const { return rates_; }

  // A step whose target pass had so many rows. Ignored: negative or not finite.
  void Observe(int rows, Seconds seconds);

 private:
  void Solve();

  HostRates prior_;
  HostRates rates_;
  // Sums of w, w*rows, w*rows^2, w*seconds, w*rows*seconds with fading weights w.
  double weight_ = 0;
  double rows_ = 0;
  double rows_squared_ = 0;
  double seconds_ = 0;
  double rows_seconds_ = 0;
};

}  // namespace turbospec
