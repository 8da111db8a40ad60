// For tests that compare drawn samples with an exact distribution: Pearson's statistic and its
// p-value. Pure. Cells that expect fewer than 5 samples are pooled, as the test's theory asks.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace turbospec {

// P(chi-square with `degrees` >= statistic), by the Wilson-Hilferty cube root, which is within a
// few percent of the exact value for the sizes that the tests use.
inline double ChiSquareTail(double statistic, double degrees) {
  const double variance = 2 / (9 * degrees);
  const double z = (std::cbrt(statistic / degrees) - (1 - variance)) / std::sqrt(variance);
  return 0.5 * std::erfc(z / std::sqrt(2.0));
}

// p-value of `observed` counts under `probabilities` (parallel, summing to 1). 0 when something
// was observed that cannot happen.
inline double ChiSquarePValue(std::span<const long> observed,
                              std::span<const double> probabilities) {
  double samples = 0;
  for (const long count : observed) samples += static_cast<double>(count);
  double statistic = 0;
  double cells = 0;
  double rare_observed = 0;
  double rare_expected = 0;
  const auto add = [&](double seen, double expected) {
    statistic += (seen - expected) * (seen - expected) / expected;
    cells += 1;
  };
  for (std::size_t i = 0; i < observed.size(); ++i) {
    const auto seen = static_cast<double>(observed[i]);
    const double expected = samples * probabilities[i];
    if (expected == 0 && seen > 0) return 0;
    if (expected >= 5) {
      add(seen, expected);
    } else {
      rare_observed += seen;
      rare_expected += expected;
    }
  }
  if (rare_expected >= 5) add(rare_observed, rare_expected);
  return cells < 2 ? std::numeric_limits<double>::quiet_NaN() : ChiSquareTail(statistic, cells - 1);
}

}  // namespace turbospec
