// Numbers as integers of 2^-kBits, so that a sum of them does not depend on its order. Pure
// functions; what is smaller than a unit is cut off.
#pragma once

#include <cstdint>

namespace turbospec {

template <int kBits = 32>
inline constexpr double kUnits = static_cast<double>(std::int64_t{1} << kBits);

template <int kBits = 32>
std::int64_t ToUnits(double x) {
  return static_cast<std::int64_t>(x * kUnits<kBits>);
}

template <int kBits = 32>
double FromUnits(std::int64_t units) {
  return static_cast<double>(units) / kUnits<kBits>;
}

}  // namespace turbospec
