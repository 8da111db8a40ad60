#include "acceptance/calibration.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "acceptance/fixed_point.h"

namespace turbospec {
namespace {

double Mean(std::int64_t sum, std::int64_t count, double units) {
  return count > 0 ? static_cast<double>(sum) / units / static_cast<double>(count) : 0;
}

}  // namespace

void ReliabilityDiagram::Add(double predicted, bool label) {
  if (!(predicted >= 0 && predicted <= 1)) return;
  Bin& bin = bins_[Index(std::min(static_cast<int>(predicted * kDeciles), kDeciles - 1))];
  ++bin.count;
  bin.observed += label ? 1 : 0;
  bin.predicted += ToUnits(predicted);
  const double error = predicted - (label ? 1.0 : 0.0);
  squared_error_ += ToUnits(error * error);
}

std::int64_t ReliabilityDiagram::count() const {
  std::int64_t sum = 0;
  for (const Bin& bin : bins_) sum += bin.count;
  return sum;
}

double ReliabilityDiagram::MeanPredicted(int decile) const {
  const Bin& bin = bins_[Index(decile)];
  return Mean(bin.predicted, bin.count, kUnits<>);
}

double ReliabilityDiagram::MeanObserved(int decile) const {
  const Bin& bin = bins_[Index(decile)];
  return Mean(bin.observed, bin.count, 1);
}

double ReliabilityDiagram::MeanPredicted() const {
  std::int64_t sum = 0;
  for (const Bin& bin : bins_) sum += bin.predicted;
  return Mean(sum, count(), kUnits<>);
}

double ReliabilityDiagram::MeanObserved() const {
  std::int64_t sum = 0;
  for (const Bin& bin : bins_) sum += bin.observed;
  return Mean(sum, count(), 1);
}

double ReliabilityDiagram::BrierScore() const {
  return Mean(squared_error_, count(), kUnits<>);
}

double ReliabilityDiagram::CalibrationError() const {
  double sum = 0;
  for (int decile = 0; decile < kDeciles; ++decile) {
    sum +=
        static_cast<double>(count(decile)) * std::abs(MeanPredicted(decile) - MeanObserved(decile));
  }
  const std::int64_t labels = count();
  return labels > 0 ? sum / static_cast<double>(labels) : 0;
}

ReliabilityDiagram ReliabilityDiagram::Since(const ReliabilityDiagram& earlier) const {
  ReliabilityDiagram window = *this;
  for (std::size_t d = 0; d < bins_.size(); ++d) {
    window.bins_[d].count -= earlier.bins_[d].count;
    window.bins_[d].observed -= earlier.bins_[d].observed;
    window.bins_[d].predicted -= earlier.bins_[d].predicted;
  }
  window.squared_error_ -= earlier.squared_error_;
  return window;
}

ReliabilityDiagram MakeReliabilityDiagram(std::span<const PredictedLabel> pairs) {
  ReliabilityDiagram diagram;
  for (const PredictedLabel& pair : pairs) diagram.Add(pair.predicted, pair.label);
  return diagram;
}

}  // namespace turbospec
