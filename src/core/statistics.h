// Order statistics of small samples, for benchmarks and profiles. Pure; O(n log n).
#pragma once

#include <utility>
#include <vector>

namespace turbospec {

// The q-quantile, 0 <= q <= 1, by linear interpolation between order statistics (type 7 of Hyndman
// and Fan 1996). 0 for an empty sample. Example: Quantile({1, 2, 3, 10}, 0.5) = 2.5.
double Quantile(std::vector<double> sample, double q);

inline double Median(std::vector<double> sample) {
  return Quantile(std::move(sample), 0.5);
}

}  // namespace turbospec
