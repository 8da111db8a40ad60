// What it is worth to decide later, when more is known.
#pragma once

#include <cmath>

namespace turbospec {

// By how much the mean of max(0, x) is above max(0, mean) where x is normal with this mean and
// standard deviation (>= 0): what the right, but not the duty, to take x brings. Most where the
// mean is 0: 0.4 deviations. Example: mean 0.1, deviation 0.2 -> 0.140 - 0.1 = 0.040.
inline double OptionValue(double mean, double deviation) {
  constexpr double kFar = 3;  // deviations; beyond, less than 0.0004 of one
  constexpr double kSqrtHalf = 0.70710678118654752;
  constexpr double kInverseSqrtTwoPi = 0.3989422804014327;
  const double away = std::abs(mean);
  if (!(away < kFar * deviation)) return 0;
  const double t = away / deviation;
  return deviation *
         (kInverseSqrtTwoPi * std::exp(-0.5 * t * t) - 0.5 * t * std::erfc(t * kSqrtHalf));
}

}  // namespace turbospec
