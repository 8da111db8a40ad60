#include "core/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace turbospec {

double Quantile(std::vector<double> sample, double q) {
  if (sample.empty()) return 0.0;
  std::ranges::sort(sample);
  const double place = q * static_cast<double>(sample.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(place));
  const std::size_t above = std::min(below + 1, sample.size() - 1);
  return std::lerp(sample[below], sample[above], place - std::floor(place));
}

}  // namespace turbospec
