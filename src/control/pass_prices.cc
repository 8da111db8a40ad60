#include "control/pass_prices.h"

#include <algorithm>
#include <cmath>

namespace turbospec {

void PassPrices::Refresh(double mean_context) {
  mean_context_ = mean_context;
  for (std::vector<double>& by_rows : known_) std::ranges::fill(by_rows, kUnknown);
}

double PassPrices::Ask(int sequences, int rows) const {
  const double seconds = cost_(sequences, rows, mean_context_).count();
  // A cost model that fails must not make a shape look free.
  constexpr double kLeast = 1e-9;
  return std::isfinite(seconds) ? std::max(seconds, kLeast) : 1e9;
}

}  // namespace turbospec
