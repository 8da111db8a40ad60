#include "sim/acceptance_process.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/random.h"

namespace turbospec {
namespace {

constexpr int kQuantiles = 4096;
constexpr double kLowestConfidence = -2.6;  // as a normal quantile: 0.5 %
constexpr double kConfidenceStep = 5.7 / (AcceptanceProcess::kConfidences - 1);

// Normal draws from 12 random bits each: a look-up, not a transcendental function.
const std::array<float, kQuantiles>& Quantiles() {
  static const auto table = [] {
    std::array<float, kQuantiles> values{};
    for (int i = 0; i < kQuantiles; ++i) {
      values[static_cast<std::size_t>(i)] =
          static_cast<float>(NormalQuantile((i + 0.5) / kQuantiles));
    }
    return values;
  }();
  return table;
}

double NormalOf(std::uint64_t bits) {
  return Quantiles()[bits & (kQuantiles - 1)];
}

double AcceptanceAt(const TrueAcceptance& options, Seconds now) {
  double acceptance = options.acceptance;
  for (const AcceptancePhase& phase : options.phases) {
    if (phase.from <= now) acceptance = phase.acceptance;
  }
  return acceptance;
}

double MeanFor(double acceptance, double spread) {
  if (acceptance <= 0) return -std::numeric_limits<double>::infinity();
  if (acceptance >= 1) return std::numeric_limits<double>::infinity();
  return NormalQuantile(acceptance) * spread;
}

bool IsShare(double value) {
  return value >= 0 && value <= 1;
}

}  // namespace

double NormalQuantile(double p) {
  constexpr std::array a = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                            1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr std::array b = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                            6.680131188771972e+01, -1.328068155288572e+01};
  constexpr std::array c = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                            -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
  constexpr std::array d = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                            3.754408661907416e+00};
  constexpr double kTail = 0.02425;
  if (p > 1 - kTail) return -NormalQuantile(1 - p);
  if (p < kTail) {
    const double q = std::sqrt(-2 * std::log(p));
    return (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
           ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
  }
  const double q = p - 0.5;
  const double r = q * q;
  return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
         (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

Status Validate(const TrueAcceptance& options) {
  bool shares = IsShare(options.acceptance);
  Seconds last{-1};
  for (const AcceptancePhase& phase : options.phases) {
    shares = shares && IsShare(phase.acceptance);
    if (!(phase.from > last)) return InvalidArgument("acceptance phases must ascend in time");
    last = phase.from;
  }
  if (!shares) return InvalidArgument("an acceptance must be from 0 to 1");
  if (!(options.depth_decay > 0 && options.depth_decay <= 1)) {
    return InvalidArgument("depth_decay must be above 0 and at most 1");
  }
  const bool spreads = options.request_spread >= 0 && options.token_spread >= 0 &&
                       options.confidence_noise >= 0 && options.drift >= 0;
  if (!spreads) return InvalidArgument("spreads, confidence_noise and drift must not be negative");
  if (!std::isfinite(options.confidence_bias)) {
    return InvalidArgument("confidence_bias must be a number");
  }
  if (!(options.drift_period.count() > 0)) {
    return InvalidArgument("drift_period must be positive");
  }
  return Ok();
}

AcceptanceProcess::AcceptanceProcess(std::vector<TrueAcceptance> classes) {
  for (TrueAcceptance& options : classes) {
    const double variance = 1 + options.request_spread * options.request_spread +
                            options.token_spread * options.token_spread;
    classes_.push_back({.options = std::move(options), .spread = std::sqrt(variance)});
  }
  SetTime(Seconds(0));
}

void AcceptanceProcess::SetTime(Seconds now) {
  for (Class& each : classes_) {
    const TrueAcceptance& options = each.options;
    if (options.drift > 0) {
      each.shift = options.drift * std::sin(2 * std::numbers::pi * (now / options.drift_period));
    }
    const double acceptance = AcceptanceAt(options, now);
    if (acceptance == each.current) continue;
    each.current = acceptance;
    double conditional = acceptance;
    for (double& mean : each.means) {
      mean = MeanFor(conditional, each.spread);
      conditional *= options.depth_decay;
    }
  }
}

AcceptanceProcess::Guess AcceptanceProcess::At(std::size_t class_index, std::uint64_t request_seed,
                                               int position, int depth, double handicap) const {
  const Class& of = classes_[class_index];
  const TrueAcceptance& options = of.options;
  const auto at = static_cast<std::size_t>(std::clamp(depth, 1, kMaxDepth) - 1);
  const std::uint64_t request = MixBits(request_seed);
  const std::uint64_t token = MixBits(request ^ (static_cast<std::uint64_t>(position) << 20));
  const double known = of.means[at] + of.shift + options.request_spread * NormalOf(request) +
                       options.token_spread * NormalOf(token) - handicap;
  const double shown =
      known + options.confidence_bias + options.confidence_noise * NormalOf(token >> 12);
  const double place = (shown - kLowestConfidence) / kConfidenceStep;
  return {.agrees = known + NormalOf(token >> 24) > 0,
          .confidence = static_cast<int>(std::clamp(place + 0.5, 0.0, kConfidences - 1.0))};
}

double AcceptanceProcess::ConfidenceAt(int index) {
  const double quantile = kLowestConfidence + kConfidenceStep * index;
  return 0.5 * std::erfc(-quantile * std::numbers::sqrt2 / 2);
}

}  // namespace turbospec
