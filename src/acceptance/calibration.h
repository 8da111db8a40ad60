// Whether predicted probabilities came true: a reliability diagram in ten deciles of the
// prediction, and the Brier score. Totals are kept as integers (probabilities in units of 2^-32),
// so they do not depend on the order of the labels, and the record of a window is the difference of
// two records. Used by the acceptance predictor, and on pairs read back from decision logs. Plain
// values.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "turbospec/controller.h"

namespace turbospec {

struct PredictedLabel {
  double predicted = 0;  // in [0, 1]
  bool label = false;
};

class ReliabilityDiagram {
 public:
  static constexpr int kDeciles = 10;  // decile d holds predictions in [d/10, (d+1)/10); 1 is in 9

  // A prediction outside [0, 1] (or NaN) is not counted.
  void Add(double predicted, bool label);

  std::int64_t count(int decile) const { return bins_[Index(decile)].count; }
  std::int64_t count() const;
  double MeanPredicted(int decile) const;  // 0 where there is no label
  double MeanObserved(int decile) const;
  double MeanPredicted() const;
  double MeanObserved() const;
  // Mean of (predicted - label)²; 0.25 is what "always one half" scores. 0 without labels.
  double BrierScore() const;
  // Σ count/total · |mean predicted - mean observed| over the deciles (expected calibration error).
  double CalibrationError() const;

  // What came after `earlier`, a copy of this diagram taken before.
  ReliabilityDiagram Since(const ReliabilityDiagram& earlier) const;

  friend bool operator==(const ReliabilityDiagram&, const ReliabilityDiagram&) = default;

 private:
  struct Bin {
    std::int64_t count = 0;
    std::int64_t observed = 0;
    std::int64_t predicted = 0;  // 2^-32
    friend bool operator==(const Bin&, const Bin&) = default;
  };
  static std::size_t Index(int decile) { return static_cast<std::size_t>(decile); }

  std::array<Bin, kDeciles> bins_{};
  std::int64_t squared_error_ = 0;  // 2^-32
};

ReliabilityDiagram MakeReliabilityDiagram(std::span<const PredictedLabel> pairs);

// The two predictions that the acceptance predictor makes of each token, by proposer.
struct CalibrationRecord {
  std::array<ReliabilityDiagram, kProposerKinds> expected;  // before drafting
  std::array<ReliabilityDiagram, kProposerKinds> given;     // with the token's evidence

  friend bool operator==(const CalibrationRecord&, const CalibrationRecord&) = default;
};

}  // namespace turbospec
