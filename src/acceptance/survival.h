// From conditional acceptance to what a step is worth. Pure functions on a proposal's depths; O(n).
#pragma once

#include <cstddef>
#include <span>

namespace turbospec {

// S_j = a_1 · … · a_j. `survival` has the size of `conditional` and may be the same memory.
// Example: {0.8, 0.5} -> {0.8, 0.4}.
inline void Survival(std::span<const double> conditional, std::span<double> survival) {
  double product = 1;
  for (std::size_t j = 0; j < conditional.size(); ++j) {
    product *= conditional[j];
    survival[j] = product;
  }
}

// E = 1 + S_1 + … + S_v: tokens that a step is expected to commit for a request of which the first
// v = conditional.size() draft tokens are verified. Example: {0.8, 0.5} -> 1 + 0.8 + 0.4 = 2.2.
inline double ExpectedTokens(std::span<const double> conditional) {
  double expected = 1;
  double product = 1;
  for (const double a : conditional) {
    product *= a;
    expected += product;
  }
  return expected;
}

}  // namespace turbospec
