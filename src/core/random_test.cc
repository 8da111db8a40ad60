#include "core/random.h"

#include <gtest/gtest.h>

#include <cmath>

namespace turbospec {
namespace {

TEST(UniformAt, StaysInTheUnitIntervalWithMeanOneHalf) {
  constexpr int kDraws = 100000;
  double sum = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = UniformAt(42, static_cast<std::uint64_t>(i));
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
  }
  // Standard error of the mean is 0.29 / sqrt(100000) = 0.0009.
  EXPECT_NEAR(sum / kDraws, 0.5, 0.005);
}

TEST(UniformAt, NeighbouringSeedsAndCountersAreUncorrelated) {
  constexpr int kDraws = 100000;
  double by_seed = 0;
  double by_counter = 0;
  for (int i = 0; i < kDraws; ++i) {
    const auto n = static_cast<std::uint64_t>(i);
    by_seed += (UniformAt(n, 5) - 0.5) * (UniformAt(n + 1, 5) - 0.5);
    by_counter += (UniformAt(5, n) - 0.5) * (UniformAt(5, n + 1) - 0.5);
  }
  // Correlation times 1/12; standard error 1 / (12 sqrt(n)) = 0.00026.
  EXPECT_NEAR(by_seed / kDraws, 0.0, 0.0015);
  EXPECT_NEAR(by_counter / kDraws, 0.0, 0.0015);
}

TEST(RandomStream, ACopyRepeatsTheSequence) {
  RandomStream stream(9);
  stream.Uniform();
  RandomStream copy = stream;
  EXPECT_EQ(stream.Uniform(), copy.Uniform());
  EXPECT_EQ(stream.Bits(), copy.Bits());
}

}  // namespace
}  // namespace turbospec
