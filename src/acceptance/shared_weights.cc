#include "acceptance/shared_weights.h"

#include <algorithm>
#include <cmath>

namespace turbospec {
namespace {

constexpr double kUnits = 0x1p36;
// A step's labels may be many and all surprising; where the logistic curve is flat a Newton step
// would overshoot. A longer way takes several steps.
constexpr double kLongestStep = 1.5;

std::int64_t ToUnits(double x) {
  return static_cast<std::int64_t>(x * kUnits);
}
double FromUnits(std::int64_t units) {
  return static_cast<double>(units) / kUnits;
}
double PrecisionOf(double deviation) {
  return 1 / (deviation * deviation);
}

}  // namespace

SharedWeights::SharedWeights(const SharedWeightsOptions& options)
    : options_(options),
      offset_precision_(PrecisionOf(options.offset_spread)),
      level_(options.level),
      slopes_(options.slopes) {
  prior_precision_[0] = PrecisionOf(options.level_spread);
  for (std::size_t k = 0; k < kEvidenceFeatures; ++k) {
    prior_precision_[k + 1] = PrecisionOf(options.slope_spread[k]);
  }
  Refresh(DenseCovariance());
}

void SharedWeights::Add(int bucket, const EvidenceFeatures& features, double novelty, double shrink,
                        double residual, double weight) {
  const std::size_t b = Index(bucket);
  const double information = shrink * shrink * weight;
  const std::array<double, kDense> x{novelty, features[0], features[1]};
  for (std::size_t i = 0; i < kDense; ++i) {
    const double scaled = x[i] * information;
    pending_gradient_.dense[i] += ToUnits(x[i] * shrink * residual);
    pending_information_.cross[b][i] += ToUnits(scaled);
    for (std::size_t j = i; j < kDense; ++j) {
      pending_information_.dense[Pair(i, j)] += ToUnits(scaled * x[j]);
    }
  }
  pending_gradient_.offset[b] += ToUnits(shrink * residual);
  pending_information_.diagonal[b] += ToUnits(information);
  has_pending_ = true;
}

void SharedWeights::Tick(double steps) {
  Gradient<double> gradient;
  Forget(steps, gradient);
  if (has_pending_) TakePending(gradient);
  const Square covariance = DenseCovariance();
  std::array<double, kDense> dense = DenseStep(covariance, gradient);
  std::array<double, kBuckets> offset{};
  double longest = 0;
  for (const double change : dense) longest = std::max(longest, std::abs(change));
  for (std::size_t b = 0; b < kBuckets; ++b) {
    double rest = gradient.offset[b];
    for (std::size_t i = 0; i < kDense; ++i) rest -= information_.cross[b][i] * dense[i];
    offset[b] = rest / (offset_precision_ + information_.diagonal[b]);
    longest = std::max(longest, std::abs(offset[b]));
  }
  const double scale = longest > kLongestStep ? kLongestStep / longest : 1;
  level_ += scale * dense[0];
  for (std::size_t k = 0; k < kEvidenceFeatures; ++k) {
    slopes_[k] = std::max(0.0, slopes_[k] + scale * dense[k + 1]);
  }
  for (std::size_t b = 0; b < kBuckets; ++b) offsets_[b] += scale * offset[b];
  Refresh(covariance);
}

// Discounts every weight's information by its own share (rows and columns by the square root, which
// keeps the matrix positive), and adds to the gradient the prior's pull that this uncovers: with
// the labels' information gone the weight is at its prior.
void SharedWeights::Forget(double steps, Gradient<double>& gradient) {
  const Drift level = DriftOver(steps, options_.level_memory_steps, options_.level_drift);
  const Drift slope = DriftOver(steps, options_.slope_memory_steps, options_.slope_drift);
  std::array<double, kDense> root{};
  for (std::size_t i = 0; i < kDense; ++i) {
    const double kept = KeptOf(i == 0 ? level : slope, information_.dense[Pair(i, i)]);
    const double away = i == 0 ? options_.level - level_ : options_.slopes[i - 1] - slopes_[i - 1];
    gradient.dense[i] = (1 - kept) * prior_precision_[i] * away;
    root[i] = std::sqrt(kept);
  }
  for (std::size_t i = 0; i < kDense; ++i) {
    for (std::size_t j = i; j < kDense; ++j) information_.dense[Pair(i, j)] *= root[i] * root[j];
  }
  for (std::size_t b = 0; b < kBuckets; ++b) {
    const double kept = KeptOf(slope, information_.diagonal[b]);
    gradient.offset[b] = -(1 - kept) * offset_precision_ * offsets_[b];
    information_.diagonal[b] *= kept;
    const double own_root = std::sqrt(kept);
    for (std::size_t i = 0; i < kDense; ++i) information_.cross[b][i] *= root[i] * own_root;
  }
}

void SharedWeights::TakePending(Gradient<double>& gradient) {
  for (std::size_t i = 0; i < kDense; ++i) {
    gradient.dense[i] += FromUnits(pending_gradient_.dense[i]);
  }
  for (std::size_t p = 0; p < kPairs; ++p) {
    information_.dense[p] += FromUnits(pending_information_.dense[p]);
  }
  for (std::size_t b = 0; b < kBuckets; ++b) {
    gradient.offset[b] += FromUnits(pending_gradient_.offset[b]);
    information_.diagonal[b] += FromUnits(pending_information_.diagonal[b]);
    for (std::size_t i = 0; i < kDense; ++i) {
      information_.cross[b][i] += FromUnits(pending_information_.cross[b][i]);
    }
  }
  pending_gradient_ = {};
  pending_information_ = {};
  has_pending_ = false;
}

// Inverse of the Schur complement: what is known of level and slopes with the offsets unknown.
SharedWeights::Square SharedWeights::DenseCovariance() const {
  Square s{};
  for (std::size_t i = 0; i < kDense; ++i) {
    for (std::size_t j = i; j < kDense; ++j) s[i][j] = information_.dense[Pair(i, j)];
    s[i][i] += prior_precision_[i];
  }
  for (std::size_t b = 0; b < kBuckets; ++b) {
    const double inverse = 1 / (offset_precision_ + information_.diagonal[b]);
    const auto& c = information_.cross[b];
    for (std::size_t i = 0; i < kDense; ++i) {
      for (std::size_t j = i; j < kDense; ++j) s[i][j] -= c[i] * c[j] * inverse;
    }
  }
  static_assert(kDense == 3, "inverse by cofactors");
  const double c00 = s[1][1] * s[2][2] - s[1][2] * s[1][2];
  const double c01 = s[0][2] * s[1][2] - s[0][1] * s[2][2];
  const double c02 = s[0][1] * s[1][2] - s[0][2] * s[1][1];
  const double inverse = 1 / (s[0][0] * c00 + s[0][1] * c01 + s[0][2] * c02);
  const double v12 = (s[0][1] * s[0][2] - s[0][0] * s[1][2]) * inverse;
  const double v11 = (s[0][0] * s[2][2] - s[0][2] * s[0][2]) * inverse;
  const double v22 = (s[0][0] * s[1][1] - s[0][1] * s[0][1]) * inverse;
  const double v01 = c01 * inverse;
  const double v02 = c02 * inverse;
  return {{{c00 * inverse, v01, v02}, {v01, v11, v12}, {v02, v12, v22}}};
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
    std::array<double, kDense> u{1, 0, 0};
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
