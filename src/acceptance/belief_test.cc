#include "acceptance/belief.h"

#include <gtest/gtest.h>

#include <cmath>

#include "acceptance/sigmoid.h"

namespace turbospec {
namespace {

TEST(Sigmoid, StaysCloseToTheFormulaAndWithinItsEnds) {
  double before = 0;
  for (double x = -15.9; x < 15.9; x += 0.0037) {
    const double y = Sigmoid(x);
    EXPECT_NEAR(y, 1 / (1 + std::exp(-x)), 2e-5);
    EXPECT_GE(y, before);
    before = y;
  }
  EXPECT_GT(Sigmoid(-1e300), 0);
  EXPECT_LT(Sigmoid(1e300), 1);
  EXPECT_GT(Sigmoid(1e300), 0.9999);
  EXPECT_LT(Sigmoid(-1e300), 0.0001);
}

TEST(Belief, ALabelMovesItTowardsWhatWasSeen) {
  Belief belief{.mean = 0, .precision = 1};
  Observe(belief, 1, 0.5, true);
  EXPECT_NEAR(belief.mean, 0.5 / 1.25, 1e-12);
  EXPECT_NEAR(belief.precision, 1.25, 1e-12);
  Observe(belief, 1, Sigmoid(belief.mean), false);
  EXPECT_LT(belief.mean, 0.4 * 0.5);
}

TEST(Belief, SurprisesDoNotOvershoot) {
  // Thought impossible at logit -6, then seen sixteen times: it ends near, not far beyond, where
  // the labels and the prior balance (6.9).
  Belief belief;
  for (int i = 0; i < 16; ++i) Observe(belief, 1, Sigmoid(-6 + belief.mean), true);
  EXPECT_GT(belief.mean, 4);
  EXPECT_LT(belief.mean, 7.5);
}

TEST(Belief, WithoutLabelsItReturnsToThePriorAndWidens) {
  Belief belief{.mean = 2, .precision = 30};
  double mean = belief.mean;
  double precision = belief.precision;
  const Drift drift = DriftOver(1, 100, 0.14);
  for (int step = 0; step < 1500; ++step) {
    Relax(belief, 1, drift);
    ASSERT_LE(belief.mean, mean);
    ASSERT_LE(belief.precision, precision);
    ASSERT_GE(belief.precision, 1);
    mean = belief.mean;
    precision = belief.precision;
  }
  EXPECT_NEAR(belief.mean, 0, 0.01);
  EXPECT_NEAR(belief.precision, 1, 0.01);
}

TEST(Belief, ManyStepsAtOnceComeToTheSameEnd) {
  Belief belief{.mean = 2, .precision = 30};
  Relax(belief, 1, DriftOver(1e9, 100, 0.14));
  EXPECT_NEAR(belief.mean, 0, 1e-6);
  EXPECT_NEAR(belief.precision, 1, 1e-6);
}

TEST(Belief, OneThatKnowsOnlyThePriorStaysThere) {
  Belief belief{.mean = 0, .precision = 2};
  Relax(belief, 2, DriftOver(10, 100, 0.14));
  EXPECT_EQ(belief.mean, 0);
  EXPECT_EQ(belief.precision, 2);
}

}  // namespace
}  // namespace turbospec
