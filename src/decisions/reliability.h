// Does a probability keep its word: forecasts in ten bins against how often they came true, and the
// Brier score, the mean of (forecast - outcome)². O(1) a sample.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace turbospec {

class Reliability {
 public:
  static constexpr std::size_t kBins = 10;

  struct Bin {
    std::int64_t samples = 0;
    std::int64_t came_true = 0;
    double forecast = 0;  // sum
  };

  // REQUIRES 0 <= forecast <= 1.
  void Add(double forecast, bool came_true) {
    const auto bin = std::min(static_cast<std::size_t>(forecast * kBins), kBins - 1);
    ++bins_[bin].samples;
    bins_[bin].came_true += came_true ? 1 : 0;
    bins_[bin].forecast += forecast;
    const double error = forecast - (came_true ? 1.0 : 0.0);
    squares_ += error * error;
    ++samples_;
  }

  std::int64_t samples() const { return samples_; }
  double Brier() const { return samples_ == 0 ? 0 : squares_ / static_cast<double>(samples_); }
  const std::array<Bin, kBins>& bins() const { return bins_; }

 private:
  std::array<Bin, kBins> bins_{};
  double squares_ = 0;
  std::int64_t samples_ = 0;
};

}  // namespace turbospec
