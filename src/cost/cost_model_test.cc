#include "cost/cost_model.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>

#include "core/random.h"
#include "cost/cost_fixture.h"

namespace turbospec {
namespace {

using Truth = std::function<Seconds(const PassShape&)>;

double ErrorAt(const CostModel& model, const PassShape& shape, Seconds truth) {
  return std::abs(model.Predict(shape) / truth - 1);
}

// Shapes as a server meets them, in turn.
const std::array<PassShape, 6> kTraffic = {Spread(1, 1), Spread(4, 4),  Spread(4, 16),
                                           Spread(8, 8), Spread(8, 32), Spread(2, 4)};

struct Machine {
  CostModel model{SurfaceOf(Staircase)};
  Truth truth = Staircase;
  int step = 0;

  // `steps` passes of the traffic, each up to `noise` off.
  void Run(int steps, double noise = 0.05) {
    for (int i = 0; i < steps; ++i, ++step) {
      const double off = noise * (2 * UniformAt(1, static_cast<std::uint64_t>(step)) - 1);
      const PassShape& shape = kTraffic[static_cast<std::size_t>(step) % kTraffic.size()];
      model.Observe(shape, truth(shape) * (1 + off));
    }
  }
  void SlowDown(double times, Truth base = Staircase) {
    truth = [=](const PassShape& shape) { return base(shape) * times; };
  }
  double WorstError() const {
    double worst = 0;
    for (const PassShape& s : kTraffic) worst = std::max(worst, ErrorAt(model, s, truth(s)));
    return worst;
  }
};

TEST(CostModel, PredictsTheProfileBeforeItHasSeenAnything) {
  const CostModel model(SurfaceOf(Staircase));
  EXPECT_EQ(model.Predict(Spread(8, 32)), model.surface().At(Spread(8, 32)));
  EXPECT_EQ(model.drift(), 1);
  EXPECT_EQ(model.error().observations(), 0);
}

TEST(CostModel, StaysNearTheTruthUnderNoise) {
  Machine machine;
  machine.Run(500, 0.1);
  EXPECT_LT(machine.WorstError(), 0.05);
  EXPECT_LT(machine.model.error().Mean(), 0.08);
  EXPECT_GT(machine.model.error().Median(), 0.01);
}

TEST(CostModel, DoesNotTakeOneStallForATrend) {
  Machine machine;
  machine.Run(100, 0);
  machine.model.Observe(Spread(4, 4), Seconds(2));
  EXPECT_NEAR(machine.model.drift(), 1, 0.001);
  EXPECT_LT(machine.WorstError(), 0.03);
}

TEST(CostModel, SurvivesAStallAsItsFirstObservation) {
  Machine machine;
  machine.model.Observe(Spread(4, 4), Seconds(2));
  EXPECT_LT(machine.WorstError(), 1e-9);
}

TEST(CostModel, FollowsAProcessThatTakesHalfOfTheMachine) {
  Machine machine;
  machine.Run(200);
  machine.SlowDown(2);
  machine.Run(50);
  EXPECT_LT(machine.WorstError(), 0.1);
  machine.SlowDown(1);
  machine.Run(50);
  EXPECT_LT(machine.WorstError(), 0.1);
}

TEST(CostModel, FollowsWithinSixteenPassesAtTheStartToo) {
  Machine machine;
  machine.SlowDown(1.7);
  machine.Run(16, 0);
  EXPECT_NEAR(machine.model.drift(), 1.7, 0.01);
  // What was never run is priced by the drift alone.
  EXPECT_LT(ErrorAt(machine.model, One(64, 384), machine.truth(One(64, 384))), 0.02);
}

TEST(CostModel, CorrectsAShapeThatTheProfileHasWrong) {
  Machine machine;
  machine.truth = [](const PassShape& shape) {
    return Staircase(shape) * (shape.rows >= 24 && shape.rows < 48 ? 2.0 : 1.0);
  };
  machine.Run(600);
  EXPECT_LT(ErrorAt(machine.model, Spread(8, 32), machine.truth(Spread(8, 32))), 0.1);
  EXPECT_GT(machine.model.Correction(Spread(8, 32)), 1.7);
  // Far from it nothing was learned but the common drift, which is near one.
  for (const PassShape& far : {One(1), Spread(8, 8), One(64), One(4, 1000)}) {
    EXPECT_LT(ErrorAt(machine.model, far, machine.truth(far)), 0.1) << far.rows;
  }
}

TEST(CostModel, PutsAWrongPointRightTogetherWithWhatIsBesideIt) {
  // The profile has 16 rows a third too dear, and so interpolates 13 to 15 rows too dear.
  CostModel model(SurfaceOf(
      [](const PassShape& shape) { return Line(shape) * (shape.rows == 16 ? 4.0 / 3 : 1.0); }));
  for (int i = 0; i < 60; ++i) {
    for (const PassShape& shape : {One(16), One(8), One(12), One(24)}) {
      model.Observe(shape, Line(shape));
    }
  }
  EXPECT_LT(ErrorAt(model, One(16), Line(One(16))), 0.03);
  for (const PassShape& unseen : {One(13), One(14), One(15), One(18), One(20)}) {
    EXPECT_LT(ErrorAt(model, unseen, Line(unseen)), 0.05) << unseen.rows;
  }
}

TEST(CostModel, KeepsAChangeOfShapeOutOfDriftAndCorrections) {
  const Seconds change(0.004);
  CostModel model(SurfaceOf(Staircase), {.shape_change = change});
  for (int i = 0; i < 200; ++i) {
    const std::array<PassShape, 2> ragged = {Spread(8, 8), Spread(1, 8)};
    model.ObserveSum(ragged, Staircase(ragged[0]) + Staircase(ragged[1]) + 2 * change, 2);
    model.Observe(Spread(4, 16), Staircase(Spread(4, 16)));
  }
  EXPECT_NEAR(model.drift(), 1, 1e-9);
  EXPECT_LT(ErrorAt(model, Spread(8, 8), Staircase(Spread(8, 8))), 1e-9);
  // A slow machine changes shapes as slowly; a little of it is taken for the shape's own.
  for (int i = 0; i < 50; ++i) {
    const PassShape shape = Spread(4, 16);
    model.ObserveSum({&shape, 1}, 2 * (Staircase(shape) + change), 1);
  }
  EXPECT_NEAR(model.ShapeChange() / change, 2, 0.15);
}

TEST(CostModel, TellsADearShapeFromASlowMachine) {
  Machine machine;
  machine.Run(300);
  const PassShape dear = One(8);
  // Two that are too new to count and three that the window drops.
  for (int i = 0; i < 5; ++i) machine.model.Observe(dear, 1.4 * Staircase(dear));
  EXPECT_LT(machine.WorstError(), 0.01);
  // With no other shape to compare with, half of it is taken for the machine's pace.
  for (int i = 0; i < 35; ++i) machine.model.Observe(dear, 1.4 * Staircase(dear));
  EXPECT_LT(ErrorAt(machine.model, dear, 1.4 * Staircase(dear)), 0.05);
  EXPECT_LT(machine.WorstError(), 0.2);
}

TEST(CostModel, TrustsAFewObservationsLittle) {
  Machine machine;
  machine.Run(60, 0);
  const PassShape rare = One(64, 384);
  machine.model.Observe(rare, Staircase(rare) * 1.4);
  EXPECT_NEAR(machine.model.Correction(rare), std::pow(1.4, 1.0 / 5), 0.01);
}

TEST(CostModel, LearnsFromSumsOfPasses) {
  CostModel model(SurfaceOf(Line));
  const std::array<PassShape, 2> ragged = {Spread(8, 8), Spread(1, 8)};
  for (int i = 0; i < 30; ++i) {
    model.ObserveSum(ragged, 1.5 * (Line(ragged[0]) + Line(ragged[1])));
  }
  EXPECT_NEAR(model.drift(), 1.5, 0.01);
  EXPECT_LT(ErrorAt(model, ragged[0], 1.5 * Line(ragged[0])), 0.02);
}

TEST(CostModel, IgnoresWhatCannotBeMeasured) {
  CostModel model(SurfaceOf(Line));
  for (const double seconds : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    model.Observe(One(4), Seconds(seconds));
  }
  model.Observe({}, Seconds(1));
  model.ObserveSum({}, Seconds(1));
  EXPECT_EQ(model.error().observations(), 0);
  EXPECT_EQ(model.drift(), 1);
}

TEST(CostModel, StaysWithinItsLimits) {
  CostModel model(SurfaceOf(Line));
  for (int i = 0; i < 2000; ++i) model.Observe(One(4), Seconds(1000));
  EXPECT_LE(model.drift() * model.Correction(One(4)), 16.001);
  for (int i = 0; i < 2000; ++i) model.Observe(One(4), Seconds(1e-9));
  EXPECT_GE(model.drift() * model.Correction(One(4)), 1 / 16.001);
}

TEST(CostModel, RepeatsItselfBitForBit) {
  Machine a, b;
  a.Run(300, 0.3);
  b.Run(300, 0.3);
  for (const PassShape& shape : kTraffic) {
    EXPECT_EQ(a.model.Predict(shape).count(), b.model.Predict(shape).count());
  }
}

TEST(CostModel, ReportsTheErrorOfPredictionsMadeBefore) {
  CostModel model(SurfaceOf(Line));
  model.Observe(One(5), Seconds(0.020));  // 10 ms were predicted
  EXPECT_NEAR(model.error().Mean(), 0.5, 1e-9);
  EXPECT_EQ(model.error().observations(), 1);
}

TEST(CostModelOptions, AreCheckedOnce) {
  EXPECT_TRUE(Validate(CostModelOptions{}).ok());
  EXPECT_FALSE(Validate(CostModelOptions{.shape_change = Seconds(-1)}).ok());
  EXPECT_FALSE(Validate(CostModelOptions{.shrinkage = -1}).ok());
  EXPECT_FALSE(Validate(CostModelOptions{.correction_clip = 0}).ok());
  EXPECT_FALSE(Validate(CostModelOptions{.correction_memory = 0}).ok());
  EXPECT_FALSE(Validate(CostModelOptions{.most = 1}).ok());
}

TEST(CostModelPlaces, SeparateShapesThatDiffer) {
  const auto cell = [](const PassShape& shape) { return CostModel::PlaceOf(shape).cell; };
  EXPECT_EQ(cell(Spread(4, 4)), cell(Spread(5, 5)));
  EXPECT_NE(cell(Spread(4, 4)), cell(Spread(8, 8)));
  EXPECT_NE(cell(Spread(4, 4)), cell(One(4)));
  EXPECT_NE(cell(Spread(4, 8)), cell(Spread(8, 8)));
  EXPECT_NE(cell(One(4, 64)), cell(One(4, 1000)));
  EXPECT_LT(cell(One(1 << 30, 1e12)), CostModel::kCells);
}

TEST(CostModelPlaces, ShareTwoCellsBetweenTheirRows) {
  const auto next = [](int rows) { return CostModel::PlaceOf(One(rows)).next; };
  for (const int at : {1, 2, 3, 4, 6, 8, 12, 16, 24, 1 << 15}) EXPECT_EQ(next(at), 0) << at;
  EXPECT_DOUBLE_EQ(next(5), 0.5);
  EXPECT_DOUBLE_EQ(next(7), 0.5);
  EXPECT_DOUBLE_EQ(next(13), 0.25);
  EXPECT_DOUBLE_EQ(next(22), 0.75);
  EXPECT_EQ(next(1 << 30), 0);
}

}  // namespace
}  // namespace turbospec
