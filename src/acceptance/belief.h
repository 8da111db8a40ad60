// A Gaussian belief about one logit: updated by labels as one step of a Kalman filter on the
// logistic model, relaxed towards its prior by time. Values and pure functions.
#pragma once

#include <algorithm>
#include <cmath>

namespace turbospec {

struct Belief {
  double mean = 0;
  double precision = 1;  // 1 / variance
};

// E[sigmoid(x)] for a Gaussian x is close to sigmoid(shrink · mean): MacKay 1992, with pi/8.
// Example: variance 1 -> 0.847.
inline double ShrinkOf(double variance) {
  return 1 / std::sqrt(1 + 0.39269908169872414 * variance);
}

// One label in [0, 1] with predicted probability p = sigmoid(shrink · logit). The step is Newton's
// with the largest curvature that a label can have, 1/4, so that surprises do not overshoot.
inline void Observe(Belief& belief, double shrink, double p, double label) {
  const double gain = shrink / (belief.precision + 0.25 * shrink * shrink);
  belief.mean += gain * (label - p);
  belief.precision += shrink * shrink * p * (1 - p);
}

// How a quantity moves when nobody looks: a random walk that is slowly drawn back to its prior.
struct Drift {
  double keep = 1;      // e^(-steps / memory): what is left of the labels' information
  double variance = 0;  // what the random walk adds
};

inline Drift DriftOver(double steps, double memory_steps, double deviation_per_step) {
  return {std::exp(-steps / memory_steps), steps * deviation_per_step * deviation_per_step};
}

// The share of `information` (beyond the prior's) that outlives the drift.
inline double KeptOf(const Drift& drift, double information) {
  return drift.keep / (1 + drift.variance * information);
}

// Prior: mean 0, precision `prior_precision`. Without labels the mean goes to 0 and the precision
// falls to the prior's, and neither overshoots.
inline void Relax(Belief& belief, double prior_precision, const Drift& drift) {
  const double information = std::max(0.0, belief.precision - prior_precision);
  const double kept = KeptOf(drift, information);
  const double precision = prior_precision + kept * information;
  belief.mean *= 1 - (1 - kept) * prior_precision / precision;
  belief.precision = precision;
}

}  // namespace turbospec
