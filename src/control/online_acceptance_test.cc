#include "control/online_acceptance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "control/lookup_statistics.h"
#include "core/random.h"

namespace turbospec {
namespace {

double Logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

void EndSteps(OnlineAcceptance& estimate, int steps) {
  for (int i = 0; i < steps; ++i) estimate.EndStep();
}

TEST(LogitOfLog, IsTheLogOdds) {
  EXPECT_NEAR(LogitOfLog(std::log(0.5)), 0, 1e-12);
  EXPECT_NEAR(LogitOfLog(std::log(0.9)), std::log(9), 1e-9);
  EXPECT_EQ(LogitOfLog(0), 40);
  EXPECT_EQ(LogitOfLog(1e-9), 40);
  EXPECT_EQ(LogitOfLog(-1000), -40);
  EXPECT_EQ(LogitOfLog(std::nan("")), 0);
}

TEST(OnlineAcceptance, BeginsWithConfidenceThatCounts) {
  const OnlineAcceptance estimate({});
  EXPECT_DOUBLE_EQ(estimate.Predict(0, 0), Logistic(-0.2));
  EXPECT_DOUBLE_EQ(estimate.Predict(7, 2), Logistic(0.8));
}

TEST(OnlineAcceptance, MovesAfterAHundredStepsAndNotBefore) {
  OnlineAcceptance estimate({});
  for (int i = 0; i < 50; ++i) estimate.Observe(0, 0, true);
  EndSteps(estimate, 99);
  EXPECT_EQ(estimate.intercept(0), -0.2);
  EndSteps(estimate, 1);
  EXPECT_GT(estimate.intercept(0), 0);
}

TEST(OnlineAcceptance, FiftyLabelsMoveHalfOfANewtonStep) {
  OnlineAcceptance estimate({});
  for (int i = 0; i < 50; ++i) estimate.Observe(0, 0, i % 5 != 0);
  EndSteps(estimate, 100);
  const double p = Logistic(-0.2);
  const double newton = 50 * (0.8 - p) / (50 * p * (1 - p) + 1e-3);
  EXPECT_NEAR(estimate.intercept(0), -0.2 + newton / 2, 1e-12);
}

TEST(OnlineAcceptance, APlaceWithoutLabelsHoldsStill) {
  OnlineAcceptance estimate({});
  for (int i = 0; i < 500; ++i) estimate.Observe(0, 0.5, true);
  EndSteps(estimate, 100);
  EXPECT_EQ(estimate.intercept(3), -0.2);
}

TEST(OnlineAcceptance, ConfidenceNeverCountsAgainstAcceptance) {
  OnlineAcceptance estimate({});
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 200; ++i) estimate.Observe(0, i % 2 == 0 ? 2 : -2, i % 2 != 0);
    EndSteps(estimate, 100);
    ASSERT_GE(estimate.slope(), 0);
  }
}

TEST(OnlineAcceptance, FindsTheTruthAndFollowsAChange) {
  OnlineAcceptance estimate({.places = 3});
  RandomStream random(1);
  const auto learn = [&](double slope, double first, double fall, int rounds) {
    for (int step = 0; step < rounds * 100; ++step) {
      for (int place = 0; place < 3; ++place) {
        const double feature = 4 * random.Uniform() - 2;
        const double truth = Logistic(slope * feature + first - fall * place);
        estimate.Observe(place, feature, random.Uniform() < truth);
      }
      estimate.EndStep();
    }
  };
  learn(1.2, 0.5, 0.4, 60);
  EXPECT_NEAR(estimate.slope(), 1.2, 0.3);
  for (int place = 0; place < 3; ++place) {
    EXPECT_NEAR(estimate.intercept(place), 0.5 - 0.4 * place, 0.6) << place;
  }
  learn(0.3, -1.5, 0, 60);
  EXPECT_NEAR(estimate.slope(), 0.3, 0.3);
  for (int place = 0; place < 3; ++place) EXPECT_NEAR(estimate.intercept(place), -1.5, 0.6);
}

TEST(LookupStatistics, CountsByLengthOfTheMatchAndPlace) {
  LookupStatistics counts(0.5);
  EXPECT_EQ(counts.Predict(3, 0), 0.5);
  for (int i = 0; i < 8; ++i) counts.Observe(3, 0, true);
  EXPECT_DOUBLE_EQ(counts.Predict(3, 0), 0.9);
  EXPECT_EQ(counts.Predict(3, 1), 0.5);
  EXPECT_EQ(counts.Predict(2, 0), 0.5);
  counts.Observe(100, 100, false);
  EXPECT_DOUBLE_EQ(counts.Predict(8, 50), 1.0 / 3);
}

}  // namespace
}  // namespace turbospec
