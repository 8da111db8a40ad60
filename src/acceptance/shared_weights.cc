#include "acceptance/shared_weights.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "acceptance/fixed_point.h"

namespace turbospec {
namespace {

constexpr int kBits = 36;
// A step's labels may be many and all surprising; where the logistic curve is flat a Newton step
// would overshoot. A longer way takes several steps.
constexpr double kLongestStep = 1.5;

double PrecisionOf(double deviation) {
  return 1 / (deviation * deviation);
}

// Gauss and Jordan in place; no pivoting, which a positive definite matrix does not need.
template <std::size_t kSize>
std::array<std::array<double, kSize>, kSize> InverseOf(
    std::array<std::array<double, kSize>, kSize> m) {
  for (std::size_t k = 0; k < kSize; ++k) {
    const double inverse = 1 / m[k][k];
    m[k][k] = 1;
    for (double& x : m[k]) x *= inverse;
    for (std::size_t i = 0; i < kSize; ++i) {
      if (i == k) continue;
      const double factor = m[i][k];
      m[i][k] = 0;
      for (std::size_t j = 0; j < kSize; ++j) m[i][j] -= factor * m[k][j];
    }
  }
  return m;
}

}  // namespace

SharedWeights::SharedWeights(const SharedWeightsOptions& options)
    : options_(options),
      prior_slopes_{options.slopes[0], options.slopes[1], 1},
      prior_precision_{PrecisionOf(options.level_spread), PrecisionOf(options.slope_spread[0]),
                       PrecisionOf(options.slope_spread[1]), PrecisionOf(options.trust_spread)},
      offset_precision_(PrecisionOf(options.offset_spread)),
      level_(options.level),
      slopes_(prior_slopes_) {
  Refresh(DenseCovariance());
}

void SharedWeights::Add(const Label& label) {
  const std::size_t b = Index(label.bucket);
  const double information = label.shrink * label.shrink * label.weight;
  const double score = label.shrink * label.residual;
  const std::array<double, kDense> x{label.novelty, label.features[0], label.features[1],
                                     label.own};
  for (std::size_t i = 0; i < kDense; ++i) {
    const double scaled = x[i] * information;
    pending_gradient_.dense[i] += ToUnits<kBits>(x[i] * score);
    pending_information_.cross[b][i] += ToUnits<kBits>(scaled);
    for (std::size_t j = i; j < kDense; ++j) {
      pending_information_.dense[Pair(i, j)] += ToUnits<kBits>(scaled * x[j]);
    }
  }
  pending_gradient_.offset[b] += ToUnits<kBits>(score);
  pending_information_.diagonal[b] += ToUnits<kBits>(information);
  has_pending_ = true;
}

void SharedWeights::Tick(double steps) {
  const Gradient<double> pull = Forget(steps);
  const bool learns = has_pending_;
  const Gradient<double> labels = TakePending();
  const Square covariance = DenseCovariance();
  Move(covariance, pull, std::numeric_limits<double>::infinity());
  if (learns) Move(covariance, labels, kLongestStep);
  Refresh(covariance);
}

void SharedWeights::Move(const Square& covariance, const Gradient<double>& gradient,
                         double longest_step) {
  const std::array<double, kDense> dense = DenseStep(covariance, gradient);
  std::array<double, kBuckets> offset{};
  double longest = 0;
  for (const double change : dense) longest = std::max(longest, std::abs(change));
  for (std::size_t b = 0; b < kBuckets; ++b) {
    double rest = gradient.offset[b];
    for (std::size_t i = 0; i < kDense; ++i) rest -= information_.cross[b][i] * dense[i];
    offset[b] = rest / (offset_precision_ + information_.diagonal[b]);
    longest = std::max(longest, std::abs(offset[b]));
  }
  const double scale = longest > longest_step ? longest_step / longest : 1;
  level_ += scale * dense[0];
  for (std::size_t k = 0; k < kSlopes; ++k) {
    slopes_[k] = std::max(0.0, slopes_[k] + scale * dense[k + 1]);
  }
  for (std::size_t b = 0; b < kBuckets; ++b) offsets_[b] += scale * offset[b];
}

// Discounts every weight's information by its own share (rows and columns by the square root, which
// keeps the matrix positive). Returns the prior's pull that this uncovers: with the labels'
// information gone, the weight is at its prior.
SharedWeights::Gradient<double> SharedWeights::Forget(double steps) {
  const Drift level = DriftOver(steps, options_.level_memory_steps, options_.level_drift);
  const Drift slope = DriftOver(steps, options_.slope_memory_steps, options_.slope_drift);
  Gradient<double> pull;
  std::array<double, kDense> root{};
  for (std::size_t i = 0; i < kDense; ++i) {
    const double kept = KeptOf(i == 0 ? level : slope, information_.dense[Pair(i, i)]);
    const double away = i == 0 ? options_.level - level_ : prior_slopes_[i - 1] - slopes_[i - 1];
    pull.dense[i] = (1 - kept) * prior_precision_[i] * away;
    root[i] = std::sqrt(kept);
  }
  for (std::size_t i = 0; i < kDense; ++i) {
    for (std::size_t j = i; j < kDense; ++j) information_.dense[Pair(i, j)] *= root[i] * root[j];
  }
  for (std::size_t b = 0; b < kBuckets; ++b) {
    const double kept = KeptOf(slope, information_.diagonal[b]);
    pull.offset[b] = -(1 - kept) * offset_precision_ * offsets_[b];
    information_.diagonal[b] *= kept;
    const double own_root = std::sqrt(kept);
    for (std::size_t i = 0; i < kDense; ++i) information_.cross[b][i] *= root[i] * own_root;
  }
  return pull;
}

SharedWeights::Gradient<double> SharedWeights::TakePending() {
  Gradient<double> gradient;
  if (!has_pending_) return gradient;
  for (std::size_t i = 0; i < kDense; ++i) {
    gradient.dense[i] = FromUnits<kBits>(pending_gradient_.dense[i]);
  }
  for (std::size_t p = 0; p < kPairs; ++p) {
    information_.dense[p] += FromUnits<kBits>(pending_information_.dense[p]);
  }
  for (std::size_t b = 0; b < kBuckets; ++b) {
    gradient.offset[b] = FromUnits<kBits>(pending_gradient_.offset[b]);
    information_.diagonal[b] += FromUnits<kBits>(pending_information_.diagonal[b]);
    for (std::size_t i = 0; i < kDense; ++i) {
      information_.cross[b][i] += FromUnits<kBits>(pending_information_.cross[b][i]);
    }
  }
  pending_gradient_ = {};
  pending_information_ = {};
  has_pending_ = false;
  return gradient;
}

// Inverse of the Schur complement: what is known of level and slopes with the offsets unknown.
SharedWeights::Square SharedWeights::DenseCovariance() const {
  Square s{};
  for (std::size_t i = 0; i < kDense; ++i) {
    for (std::size_t j = i; j < kDense; ++j) s[i][j] = s[j][i] = information_.dense[Pair(i, j)];
    s[i][i] += prior_precision_[i];
  }
  for (std::size_t b = 0; b < kBuckets; ++b) {
    const double inverse = 1 / (offset_precision_ + information_.diagonal[b]);
    const auto& c = information_.cross[b];
    for (std::size_t i = 0; i < kDense; ++i) {
      for (std::size_t j = 0; j < kDense; ++j) s[i][j] -= c[i] * c[j] * inverse;
    }
  }
  return InverseOf(s);
}

// The Newton step of level and slopes. Where it would take a slope below 0, the slope stops there
// and the others go where they fit best given that.
std::array<double, SharedWeights::kDense> SharedWeights::DenseStep(
    const Square& covariance, const Gradient<double>& gradient) const {
  std::array<double, kDense> g = gradient.dense;
  for (std::size_t b = 0; b < kBuckets; ++b) {
    const double rest = gradient.offset[b] / (offset_precision_ + information_.diagonal[b]);
    for (std::size_t i = 0; i < kDense; ++i) g[i] -= information_.cross[b][i] * rest;
  }
  std::array<double, kDense> step{};
  for (std::size_t i = 0; i < kDense; ++i) {
    for (std::size_t j = 0; j < kDense; ++j) step[i] += covariance[i][j] * g[j];
  }
  for (std::size_t k = 1; k < kDense; ++k) {
    const double excess = -(slopes_[k - 1] + step[k]);
    if (excess <= 0) continue;
    const double per_variance = excess / covariance[k][k];
    for (std::size_t i = 0; i < kDense; ++i) step[i] += covariance[i][k] * per_variance;
  }
  return step;
}

void SharedWeights::Refresh(const Square& covariance) {
  for (std::size_t b = 0; b < kBuckets; ++b) {
    base_[b] = level_ + offsets_[b];
    // Variance of level + offset: the offset's own, and what it owes to level and slopes.
    const double own = 1 / (offset_precision_ + information_.diagonal[b]);
    std::array<double, kDense> u{1};
    for (std::size_t i = 0; i < kDense; ++i) u[i] -= information_.cross[b][i] * own;
    double variance = own;
    for (std::size_t i = 0; i < kDense; ++i) {
      for (std::size_t j = 0; j < kDense; ++j) variance += u[i] * covariance[i][j] * u[j];
    }
    variance_[b] = variance;
    shrink_[b] = ShrinkOf(variance);
  }
}

}  // namespace turbospec
