// The part of an acceptance logit that all requests share: level + offset of the depth + slopes of
// the evidence + how far a request's own deviation is to be trusted, learned as a logistic
// regression with a Gaussian prior, one Newton step per engine step. What makes it more than that:
//   - labels of a request that is known well move the level little: its own belief would follow;
//   - every weight is a slow random walk that is drawn to its prior when labels stay away;
//   - slopes stay >= 0: more confidence never means less acceptance.
// Labels are summed as integers, so their order changes no bit. No allocation. A label costs ~10
// ns.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "acceptance/belief.h"
#include "acceptance/evidence_features.h"

namespace turbospec {

struct SharedWeightsOptions {
  double level = 0;           // prior mean of the logit with ordinary evidence
  double level_spread = 1.5;  // prior standard deviations
  double offset_spread = 0.4;
  EvidenceFeatures slopes{};  // prior means
  EvidenceFeatures slope_spread{0.3, 0.3};
  double trust_spread = 0.3;  // the prior mean is 1
  double level_memory_steps = 300;
  double level_drift = 0.045;  // of the random walk, per step
  double slope_memory_steps = 5000;
  double slope_drift = 0.003;
};

class SharedWeights {
 public:
  explicit SharedWeights(const SharedWeightsOptions& options);

  // Depths 1, 2, … 8 stand alone, then ranges: to 12, to 16, to 24, the rest. Any int.
  static int BucketOf(int depth) {
    constexpr std::array<signed char, 26> kBucketOf{0, 0, 1, 2, 3,  4,  5,  6,  7,  8,  8,  8,  8,
                                                    9, 9, 9, 9, 10, 10, 10, 10, 10, 10, 10, 10, 11};
    return kBucketOf[static_cast<std::size_t>(std::clamp(depth, 0, 25))];
  }

  double Evidence(const EvidenceFeatures& features) const {
    return slopes_[0] * features[0] + slopes_[1] * features[1];
  }
  // Factor of a request's own deviation: 1 if what it was in the past, it will be.
  double Trust() const { return slopes_[kEvidenceFeatures]; }
  double Base(int bucket) const { return base_[Index(bucket)]; }
  double Logit(int bucket, const EvidenceFeatures& features, double own) const {
    return (Base(bucket) + Evidence(features)) + Trust() * own;
  }
  // Of Logit with ordinary evidence.
  double Variance(int bucket) const { return variance_[Index(bucket)]; }
  double Shrink(int bucket) const { return shrink_[Index(bucket)]; }

  // A label, with residual label - p and weight p · (1 - p), where p = sigmoid(shrink · logit).
  struct Label {
    int bucket = 0;
    EvidenceFeatures features{};
    double own = 0;      // mean of the request's own deviation
    double novelty = 1;  // its variance, as a share of that of a new request, in [0, 1]
    double shrink = 1;
    double residual = 0;
    double weight = 0;
  };
  void Add(const Label& label);

  void Tick(double steps);

 private:
  // Dense: the level, then the slopes (the evidence's, then the trust). Depth offsets touch no
  // other offset, so the information matrix is an arrow: dense × dense, offsets × dense, and a
  // diagonal.
  static constexpr std::size_t kSlopes = kEvidenceFeatures + 1;
  static constexpr std::size_t kDense = 1 + kSlopes;
  static constexpr std::size_t kPairs = kDense * (kDense + 1) / 2;
  static constexpr std::size_t kBuckets = 12;
  static std::size_t Index(int bucket) { return static_cast<std::size_t>(bucket); }
  static constexpr std::size_t Pair(std::size_t i, std::size_t j) {  // i <= j
    return i * kDense - i * (i + 1) / 2 + j;
  }

  template <class Number>
  struct Arrow {
    std::array<Number, kPairs> dense{};
    std::array<std::array<Number, kDense>, kBuckets> cross{};
    std::array<Number, kBuckets> diagonal{};
  };
  template <class Number>
  struct Gradient {
    std::array<Number, kDense> dense{};
    std::array<Number, kBuckets> offset{};
  };
  using Square = std::array<std::array<double, kDense>, kDense>;

  Gradient<double> Forget(double steps);
  Gradient<double> TakePending();
  void Move(const Square& covariance, const Gradient<double>& gradient, double longest_step);
  Square DenseCovariance() const;
  std::array<double, kDense> DenseStep(const Square& covariance,
                                       const Gradient<double>& gradient) const;
  void Refresh(const Square& covariance);

  SharedWeightsOptions options_;
  std::array<double, kSlopes> prior_slopes_{};
  std::array<double, kDense> prior_precision_{};
  double offset_precision_ = 1;

  double level_ = 0;
  std::array<double, kSlopes> slopes_{};
  std::array<double, kBuckets> offsets_{};
  Arrow<double> information_;  // of labels, without the prior's

  Arrow<std::int64_t> pending_information_;  // units of 2^-36
  Gradient<std::int64_t> pending_gradient_;
  bool has_pending_ = false;

  // By bucket, from the last Tick.
  std::array<double, kBuckets> base_{};
  std::array<double, kBuckets> variance_{};
  std::array<double, kBuckets> shrink_{};
};

}  // namespace turbospec
