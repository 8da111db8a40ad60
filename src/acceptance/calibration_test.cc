#include "acceptance/calibration.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace turbospec {
namespace {

constexpr double kUnit = 1e-9;

TEST(ReliabilityDiagram, SortsPredictionsIntoDeciles) {
  const std::vector<PredictedLabel> pairs{{0.0, false}, {0.099, true}, {0.1, false},
                                          {0.75, true}, {0.71, false}, {1.0, true}};
  const ReliabilityDiagram diagram = MakeReliabilityDiagram(pairs);
  EXPECT_EQ(diagram.count(), 6);
  EXPECT_EQ(diagram.count(0), 2);
  EXPECT_EQ(diagram.count(1), 1);
  EXPECT_EQ(diagram.count(7), 2);
  EXPECT_EQ(diagram.count(9), 1);
  EXPECT_NEAR(diagram.MeanPredicted(7), 0.73, kUnit);
  EXPECT_NEAR(diagram.MeanObserved(7), 0.5, kUnit);
  EXPECT_EQ(diagram.MeanPredicted(4), 0);
}

TEST(ReliabilityDiagram, ScoresSquaredErrors) {
  // (0.2² + 0.3²) / 2, and the deciles are off by 0.2 and 0.3.
  const ReliabilityDiagram diagram =
      MakeReliabilityDiagram(std::vector<PredictedLabel>{{0.8, true}, {0.3, false}});
  EXPECT_NEAR(diagram.BrierScore(), 0.065, kUnit);
  EXPECT_NEAR(diagram.CalibrationError(), 0.25, kUnit);
  EXPECT_NEAR(diagram.MeanPredicted(), 0.55, kUnit);
  EXPECT_NEAR(diagram.MeanObserved(), 0.5, kUnit);
}

TEST(ReliabilityDiagram, IsAllZeroWithoutLabels) {
  const ReliabilityDiagram diagram;
  EXPECT_EQ(diagram.count(), 0);
  EXPECT_EQ(diagram.BrierScore(), 0);
  EXPECT_EQ(diagram.CalibrationError(), 0);
}

TEST(ReliabilityDiagram, DoesNotCountWhatIsNoProbability) {
  ReliabilityDiagram diagram;
  diagram.Add(-0.01, true);
  diagram.Add(1.01, true);
  diagram.Add(std::numeric_limits<double>::quiet_NaN(), true);
  EXPECT_EQ(diagram, ReliabilityDiagram());
}

TEST(ReliabilityDiagram, DoesNotDependOnTheOrderOfLabels) {
  ReliabilityDiagram forward;
  ReliabilityDiagram backward;
  for (int i = 0; i < 1000; ++i) forward.Add(i / 1000.0, i % 3 == 0);
  for (int i = 999; i >= 0; --i) backward.Add(i / 1000.0, i % 3 == 0);
  EXPECT_EQ(forward, backward);
}

TEST(ReliabilityDiagram, OfAWindowIsTheDifferenceOfTwo) {
  ReliabilityDiagram diagram;
  diagram.Add(0.25, true);
  const ReliabilityDiagram before = diagram;
  diagram.Add(0.65, false);
  EXPECT_EQ(diagram.Since(before),
            MakeReliabilityDiagram(std::vector<PredictedLabel>{{0.65, false}}));
}

}  // namespace
}  // namespace turbospec
