#include "acceptance/survival.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace turbospec {
namespace {

TEST(Survival, IsTheProductOfConditionals) {
  const std::array<double, 2> conditional{0.8, 0.5};
  std::array<double, 2> survival{};
  Survival(conditional, survival);
  EXPECT_DOUBLE_EQ(survival[0], 0.8);
  EXPECT_DOUBLE_EQ(survival[1], 0.4);
}

TEST(Survival, MayOverwriteItsInput) {
  std::vector<double> values{0.9, 0.5, 0.0, 0.7};
  Survival(values, values);
  EXPECT_DOUBLE_EQ(values[1], 0.45);
  EXPECT_EQ(values[2], 0);
  EXPECT_EQ(values[3], 0);
}

TEST(ExpectedTokens, CountsTheTargetsOwnToken) {
  EXPECT_DOUBLE_EQ(ExpectedTokens(std::array<double, 2>{0.8, 0.5}), 2.2);
  EXPECT_DOUBLE_EQ(ExpectedTokens({}), 1);
}

TEST(ExpectedTokens, IsTheGeometricSumWhereAllConditionalsAreEqual) {
  const std::vector<double> equal(5, 0.8);
  EXPECT_NEAR(ExpectedTokens(equal), (1 - 0.262144) / (1 - 0.8), 1e-12);  // 0.8^6
}

}  // namespace
}  // namespace turbospec
