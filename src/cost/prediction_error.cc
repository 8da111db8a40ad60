#include "cost/prediction_error.h"

#include <cmath>

#include "core/statistics.h"

namespace turbospec {

void PredictionError::Add(Seconds predicted, Seconds measured) {
  const double relative = std::abs(predicted.count() - measured.count()) / measured.count();
  if (relative_.size() < window_) {
    relative_.push_back(relative);
  } else {
    relative_[static_cast<std::size_t>(observations_) % window_] = relative;
  }
  ++observations_;
}

double PredictionError::Mean() const {
  double sum = 0;
  for (const double relative : relative_) sum += relative;
  return relative_.empty() ? 0 : sum / static_cast<double>(relative_.size());
}

double PredictionError::Median() const {
  return turbospec::Median(relative_);
}

}  // namespace turbospec
