// How far forecasts were from what came: mean and median of |forecast - real| / real, and the sums,
// whose difference is the bias. Keeps one number a sample, for the median.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "core/statistics.h"

namespace turbospec {

class ForecastErrors {
 public:
  // A sample with real <= 0 has no relative error and does not count.
  void Add(double forecast, double real) {
    if (!(real > 0) || !std::isfinite(forecast)) return;
    errors_.push_back(std::abs(forecast - real) / real);
    forecast_ += forecast;
    real_ += real;
  }

  std::size_t samples() const { return errors_.size(); }
  double Mean() const {
    double sum = 0;
    for (const double error : errors_) sum += error;
    return errors_.empty() ? 0 : sum / static_cast<double>(errors_.size());
  }
  double MedianError() const { return Median(errors_); }
  // +0.1: the forecasts add up to a tenth more than what came.
  double Bias() const { return real_ > 0 ? forecast_ / real_ - 1 : 0; }

 private:
  std::vector<double> errors_;
  double forecast_ = 0;
  double real_ = 0;
};

}  // namespace turbospec
