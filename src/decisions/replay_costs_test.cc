#include "decisions/replay_costs.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

class PassTimesOf : public ::testing::Test {
 protected:
  void Measured(int sequences, int rows, int passes, double milliseconds) {
    times_.Add({.sequences = sequences,
                .rows = rows,
                .passes = passes,
                .seconds = Seconds(1e-3 * milliseconds)});
  }
  double Milliseconds(int sequences, int rows, int passes) {
    return 1e3 * times_.Of({sequences, rows, passes}).seconds.count();
  }
  bool IsMeasured(int sequences, int rows, int passes) {
    return times_.Of({sequences, rows, passes}).measured;
  }
  PassTimes times_;
};

TEST_F(PassTimesOf, AShapeThatWasMeasuredIsItsMedian) {
  for (const double ms : {10.0, 11.0, 500.0}) Measured(4, 4, 1, ms);
  Measured(4, 20, 1, 30);
  times_.Finish();
  EXPECT_DOUBLE_EQ(Milliseconds(4, 4, 1), 11);
  EXPECT_TRUE(IsMeasured(4, 4, 1));
}

TEST_F(PassTimesOf, OtherSequencesOfTheSameRowsAreNoMeasurementOfThisShape) {
  Measured(4, 8, 1, 12);
  Measured(2, 8, 1, 14);
  times_.Finish();
  EXPECT_DOUBLE_EQ(Milliseconds(1, 8, 1), 13);
  EXPECT_FALSE(IsMeasured(1, 8, 1));
}

TEST_F(PassTimesOf, BetweenMeasuredRowsIsALine) {
  Measured(4, 4, 1, 10);
  Measured(4, 12, 1, 20);
  times_.Finish();
  EXPECT_DOUBLE_EQ(Milliseconds(4, 6, 1), 12.5);
}

TEST_F(PassTimesOf, BeyondThemGoesOnByTheSlopeOfTheWhole) {
  // 6 ms a pass and 1 ms a row.
  Measured(4, 4, 1, 10);
  Measured(4, 8, 1, 14);
  Measured(4, 8, 2, 20);
  times_.Finish();
  EXPECT_NEAR(Milliseconds(4, 10, 1), 16, 1e-9);
  EXPECT_NEAR(Milliseconds(4, 2, 1), 8, 1e-9);
  EXPECT_NEAR(Milliseconds(4, 8, 3), 26, 1e-9);
}

TEST_F(PassTimesOf, OneShapeAloneIsAllThatIsKnown) {
  Measured(4, 4, 1, 10);
  times_.Finish();
  EXPECT_DOUBLE_EQ(Milliseconds(4, 8, 1), 10);
  EXPECT_DOUBLE_EQ(Milliseconds(4, 8, 2), 20);
}

TEST_F(PassTimesOf, NeverFallsToNothing) {
  Measured(1, 100, 1, 10);
  Measured(1, 101, 1, 30);
  Measured(1, 400, 1, 500);
  times_.Finish();
  EXPECT_GE(Milliseconds(1, 1, 1), 1);
}

TEST_F(PassTimesOf, NothingMeasuredCostsNothingAndSaysSo) {
  times_.Finish();
  EXPECT_EQ(Milliseconds(1, 1, 1), 0);
  EXPECT_FALSE(IsMeasured(1, 1, 1));
  EXPECT_TRUE(IsMeasured(0, 0, 0));
}

}  // namespace
}  // namespace turbospec
