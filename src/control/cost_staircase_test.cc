#include "control/cost_staircase.h"

#include <gtest/gtest.h>

#include <map>

namespace turbospec {
namespace {

// Sizes 4, 8 and 16 were measured; the tail is 24, 32 and 64.
class Staircase : public ::testing::Test {
 protected:
  double At(int size) {
    const CostStaircase cost({4, 8, 16}, 64, [&](int measured) {
      asked_.push_back(measured);
      return Seconds(seconds_.at(measured));
    });
    return cost.At(size).count();
  }
  std::map<int, double> seconds_ = {{4, 10}, {8, 12}, {16, 20}, {24, 50}, {32, 60}, {64, 124}};
  std::vector<int> asked_;
};

TEST_F(Staircase, MeasuresTheGivenSizesAndATail) {
  At(1);
  EXPECT_EQ(asked_, (std::vector<int>{4, 8, 16, 24, 32, 64}));
}

TEST_F(Staircase, BetweenMeasuredSizesTheNextOneIsPaid) {
  EXPECT_EQ(At(1), 10);
  EXPECT_EQ(At(4), 10);
  EXPECT_EQ(At(5), 12);
  EXPECT_EQ(At(9), 20);
  EXPECT_EQ(At(16), 20);
}

TEST_F(Staircase, TheLastTreadIsNotBlendedWithTheTail) {
  EXPECT_EQ(At(17), 50);
  EXPECT_EQ(At(24), 50);
}

TEST_F(Staircase, InTheTailItIsInterpolated) {
  EXPECT_DOUBLE_EQ(At(28), 55);
  EXPECT_DOUBLE_EQ(At(48), 92);
}

TEST_F(Staircase, BeyondTheTailItGoesOnStraight) {
  EXPECT_DOUBLE_EQ(At(74), 144);
}

TEST_F(Staircase, NothingCostsNothing) {
  EXPECT_EQ(At(0), 0);
}

TEST_F(Staircase, AMeasurementThatFellIsRaised) {
  seconds_[8] = 3;
  EXPECT_EQ(At(8), 10);
}

TEST(StaircaseOfOneSize, IsConstant) {
  const CostStaircase cost({8}, 8, [](int) { return Seconds(2); });
  EXPECT_EQ(cost.At(1).count(), 2);
  EXPECT_EQ(cost.At(100).count(), 2);
}

}  // namespace
}  // namespace turbospec
