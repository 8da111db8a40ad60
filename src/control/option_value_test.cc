#include "control/option_value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace turbospec {
namespace {

// By summing up over the normal distribution.
double Summed(double mean, double deviation) {
  constexpr double kStep = 1e-4;
  double sum = 0;
  for (double z = -8; z < 8; z += kStep) {
    const double density = std::exp(-0.5 * z * z) / std::sqrt(2 * std::numbers::pi);
    sum += kStep * density * std::max(0.0, mean + deviation * z);
  }
  return sum - std::max(0.0, mean);
}

TEST(OptionValue, IsWhatTheChoiceAddsToTheMean) {
  for (const double mean : {-0.5, -0.1, 0.0, 0.1, 0.3}) {
    for (const double deviation : {0.05, 0.2, 0.6}) {
      EXPECT_NEAR(OptionValue(mean, deviation), Summed(mean, deviation), 5e-4 * deviation)
          << mean << " " << deviation;
    }
  }
}

TEST(OptionValue, IsNothingWhereNothingMoreBecomesKnown) {
  EXPECT_EQ(OptionValue(0, 0), 0);
  EXPECT_EQ(OptionValue(0.2, 0), 0);
}

}  // namespace
}  // namespace turbospec
