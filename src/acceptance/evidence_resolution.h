// How much the evidence of a draft token tells of it: the share of its label's variance that the
// prediction with evidence explains beyond the one made before drafting,
//   sum (given - before)(label - before) / sum before (1 - before).
// 0: drafting tells nothing that was not known; 1: it tells the label. The label and not `given`
// twice, since a prediction that jumps about without reason explains nothing. Sums are kept as
// integers until Tick, so that the order of labels changes no bit. A few operations per label.
#pragma once

#include <algorithm>
#include <cstdint>

#include "acceptance/fixed_point.h"

namespace turbospec {

class EvidenceResolution {
 public:
  // A token's two predictions, in [0, 1], and whether it was accepted.
  void Add(double before, double given, bool label) {
    pending_explained_ += ToUnits((given - before) * ((label ? 1 : 0) - before));
    pending_variance_ += ToUnits(before * (1 - before));
  }

  void Tick() {
    explained_ += FromUnits(pending_explained_);
    variance_ += FromUnits(pending_variance_);
    pending_explained_ = pending_variance_ = 0;
    if (variance_ <= kMostVariance) return;
    explained_ *= kMostVariance / variance_;
    variance_ = kMostVariance;
  }

  double share() const { return std::clamp(explained_ / variance_, 0.0, 1.0); }

 private:
  static constexpr double kPriorShare = 0.1;
  static constexpr double kPriorVariance = 4;   // that of some twenty labels
  static constexpr double kMostVariance = 200;  // of a thousand: older ones fade

  double explained_ = kPriorShare * kPriorVariance;
  double variance_ = kPriorVariance;
  std::int64_t pending_explained_ = 0;
  std::int64_t pending_variance_ = 0;
};

}  // namespace turbospec
