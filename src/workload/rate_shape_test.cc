#include "workload/rate_shape.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

TEST(RateShapeTest, CountsWhatAConstantRateBrings) {
  EXPECT_DOUBLE_EQ(MassAt(ConstantRate{2.5}, Seconds(4)), 10);
}

TEST(RateShapeTest, CountsBurstsAndWhatIsBetweenThem) {
  const BurstRate shape{Seconds(10), Seconds(30), 8, 0.5};
  EXPECT_DOUBLE_EQ(MassAt(shape, Seconds(5)), 40);
  EXPECT_DOUBLE_EQ(MassAt(shape, Seconds(40)), 80 + 15);
  EXPECT_DOUBLE_EQ(MassAt(shape, Seconds(90)), 2 * 95 + 80);
}

TEST(RateShapeTest, CountsARampAndItsLevelEnd) {
  const RampRate shape{0, 8, Seconds(60)};
  EXPECT_DOUBLE_EQ(MassAt(shape, Seconds(30)), 60);
  EXPECT_DOUBLE_EQ(MassAt(shape, Seconds(60)), 240);
  EXPECT_DOUBLE_EQ(MassAt(shape, Seconds(70)), 320);
}

TEST(RateShapeTest, CountsTheMeanOverAWholeDayAndLessAtNight) {
  const DayRate shape{2, 0.8, 1440};  // a day in a minute
  EXPECT_NEAR(MassAt(shape, Seconds(60)), 120, 1e-9);
  EXPECT_NEAR(MassAt(shape, Seconds(30)), 60, 1e-9);
  EXPECT_LT(MassAt(shape, Seconds(10)), 0.5 * 20);  // the night comes first
}

TEST(RateShapeTest, FindsTheTimeOfAMass) {
  const RateShape shapes[] = {ConstantRate{2.5}, BurstRate{Seconds(3), Seconds(7), 4, 0.25},
                              RampRate{6, 1, Seconds(20)}, DayRate{2, 1, 1440}};
  for (const RateShape& shape : shapes) {
    for (const double t : {0.01, 1.0, 8.5, 33.0, 1234.5}) {
      const std::optional<Seconds> found =
          TimeOfMass(shape, MassAt(shape, Seconds(t)), Seconds(1e6));
      ASSERT_TRUE(found);
      EXPECT_NEAR(found->count(), t, 1e-4 * t) << shape.index();
    }
  }
}

TEST(RateShapeTest, SkipsTheSilenceBetweenBursts) {
  const BurstRate shape{Seconds(1), Seconds(1e6), 10, 0};
  EXPECT_NEAR(TimeOfMass(shape, 10.5, Seconds(1e8))->count(), 1e6 + 1.05, 1e-3);
}

TEST(RateShapeTest, HasNoTimeForMoreThanWillEverCome) {
  EXPECT_FALSE(TimeOfMass(RampRate{4, 0, Seconds(10)}, 20.5, Seconds(1e18)));
  EXPECT_FALSE(TimeOfMass(ConstantRate{1}, 11, Seconds(10)));
}

}  // namespace
}  // namespace turbospec
