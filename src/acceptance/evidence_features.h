// What the shared weights see of a token's evidence: two numbers, both 0 for ordinary evidence,
// both growing with the odds of acceptance. Functions of the prefix only. Any input is harmless.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "turbospec/controller.h"

namespace turbospec {

inline constexpr std::size_t kEvidenceFeatures = 2;
using EvidenceFeatures = std::array<double, kEvidenceFeatures>;

// The draft's largest q as a logit, in two pieces with a knee at q = 0.88: what it is short of the
// knee and what it is beyond. Above the knee a draft's certainty says less. A confidence that is
// not a number reads as even odds.
inline EvidenceFeatures DraftFeatures(float confidence) {
  constexpr double kKnee = 2;
  constexpr float kLeast = -8.000335F;     // ln q at logit -8
  constexpr float kMost = -3.3540637e-4F;  // ln q at logit 8
  if (std::isnan(confidence)) return {-kKnee, 0};
  const float ln_q = std::clamp(confidence, kLeast, kMost);
  const double logit = static_cast<double>(ln_q - std::log(1 - std::exp(ln_q)));
  return {std::min(logit - kKnee, 0.0), std::max(logit - kKnee, 0.0)};
}

// Length of the match in doublings from 3 tokens, up to 24; and how clearly its earlier places
// agree on the token: ln((agreeing + 1/2) / (disagreeing + 1/2)) less that of one place that
// agrees.
class LookupFeatures {
 public:
  LookupFeatures() {
    for (std::size_t i = 0; i < kCounts; ++i) {
      half_logs_[i] = std::log(static_cast<double>(i) + 0.5);
      lengths_[i] = std::log2(std::clamp(static_cast<double>(i), 1.0, 24.0) / 3);
    }
  }

  EvidenceFeatures operator()(int length, int occurrences, int agreeing) const {
    const int agree = std::clamp(agreeing, 0, kMostCounted);
    // Never occurrences - agreeing on raw numbers: it may overflow.
    const int disagree =
        std::clamp(std::max(occurrences, 0) - std::max(agreeing, 0), 0, kMostCounted);
    return {lengths_[Index(std::clamp(length, 0, kMostCounted))],
            half_logs_[Index(agree)] - half_logs_[Index(disagree)] - kOneAgrees};
  }

 private:
  static constexpr std::size_t kCounts = 32;
  static constexpr int kMostCounted = static_cast<int>(kCounts) - 1;
  static constexpr double kOneAgrees = 1.0986122886681098;  // ln(1.5 / 0.5)
  static std::size_t Index(int i) { return static_cast<std::size_t>(i); }

  std::array<double, kCounts> half_logs_{};
  std::array<double, kCounts> lengths_{};
};

}  // namespace turbospec
