#include "cost/cost_surface.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cost/cost_fixture.h"

namespace turbospec {
namespace {

double Milliseconds(const CostSurface& surface, const PassShape& shape) {
  return surface.At(shape).count() * 1e3;
}

// One context, one form.
CostSurface Curve(std::vector<int> rows, std::vector<double> milliseconds) {
  CostTables tables;
  tables.one.contexts = {64};
  tables.one.rows = std::move(rows);
  for (const double ms : milliseconds) tables.one.seconds.emplace_back(ms / 1e3);
  tables.one.measured.assign(milliseconds.size(), 1);
  return CostSurface::Create(tables).value();
}

TEST(CostSurface, GivesBackEveryPointOfTheGrid) {
  const CostTables tables = TablesOf(Staircase, kContexts, kRows, 8);
  const CostSurface surface = CostSurface::Create(tables).value();
  for (const CostSample& sample : SamplesOf(tables, /*measured_only=*/true)) {
    EXPECT_NEAR(surface.At(sample.shape).count(), sample.seconds.count(), 1e-12)
        << sample.shape.sequences << " sequences, " << sample.shape.rows << " rows";
  }
}

TEST(CostSurface, KeepsTheStaircaseWhereItWasMeasured) {
  const CostSurface surface = Curve({1, 8, 9, 16, 17}, {10, 10, 20, 20, 30});
  for (int rows = 1; rows <= 17; ++rows) {
    EXPECT_NEAR(Milliseconds(surface, One(rows)), 10 * std::ceil(rows / 8.0), 1e-9) << rows;
  }
}

TEST(CostSurface, IsLinearBetweenRowCounts) {
  const CostSurface surface = Curve({1, 5}, {10, 30});
  EXPECT_NEAR(Milliseconds(surface, One(2)), 15, 1e-9);
  EXPECT_NEAR(Milliseconds(surface, One(4)), 25, 1e-9);
}

TEST(CostSurface, IsLinearBetweenContextsAndBeyond) {
  const auto cost = [](const PassShape& s) { return Seconds(0.01 + 1e-5 * s.mean_context); };
  const CostSurface surface = SurfaceOf(cost);
  for (const double context : {1.0, 64.0, 100.0, 384.0, 4000.0}) {
    EXPECT_NEAR(surface.At(One(4, context)).count(), 0.01 + 1e-5 * context, 1e-12) << context;
    EXPECT_NEAR(surface.At(Spread(4, 4, context)).count(), 0.01 + 1e-5 * context, 1e-12);
  }
}

TEST(CostSurface, NeverGetsCheaperWithMoreRows) {
  const CostSurface surface = Curve({1, 2, 3, 4}, {10, 14, 12, 13});
  for (const int rows : {2, 3, 4}) EXPECT_NEAR(Milliseconds(surface, One(rows)), 13, 1e-9);
  double before = 0;
  for (int rows = 1; rows < 200; ++rows) {
    EXPECT_GE(Milliseconds(surface, One(rows)), before) << rows;
    before = Milliseconds(surface, One(rows));
  }
}

TEST(CostSurface, IsNotRaisedByOneSlowOutlier) {
  const CostSurface surface = Curve({1, 2, 3, 4, 5}, {4, 50, 5, 6, 7});
  EXPECT_LE(Milliseconds(surface, One(2)), 6 + 1e-9);
  EXPECT_LE(Milliseconds(surface, One(4)), 6 + 1e-9);
  EXPECT_NEAR(Milliseconds(surface, One(5)), 7, 1e-9);
}

TEST(CostSurface, NeverGetsCheaperBeyondTheLongestContext) {
  const auto cost = [](const PassShape& s) { return Seconds(s.mean_context < 100 ? 0.02 : 0.01); };
  const CostSurface surface = SurfaceOf(cost);
  EXPECT_NEAR(surface.At(One(1, 100'000)).count(), 0.01, 1e-12);
  EXPECT_NEAR(surface.At(One(1, 1)).count(), 0.02, 1e-12);
}

TEST(CostSurface, GoesOnWithTheMeanSlopeOfItsUpperHalf) {
  // The last segment is flat; going on with it would make every further row free.
  const CostSurface surface = Curve({1, 8, 9, 16}, {10, 10, 20, 20});
  EXPECT_NEAR(Milliseconds(surface, One(24)), 20 + 8 * 10.0 / 8, 1e-9);
  EXPECT_NEAR(Milliseconds(Curve({2}, {10}), One(4)), 20, 1e-9);
  EXPECT_NEAR(Milliseconds(Curve({2}, {10}), One(1)), 10, 1e-9);
}

TEST(CostSurface, NeverGoesNegativeTowardsAnEmptyContext) {
  const auto cost = [](const PassShape& s) {
    return Seconds(1e-5 * s.mean_context * s.mean_context);
  };
  EXPECT_GT(SurfaceOf(cost).At(One(4, 1)).count(), 0);
}

TEST(CostSurface, PricesSequencesBetweenItsTwoForms) {
  const auto cost = [](const PassShape& s) {
    return Seconds(0.010 + 0.001 * std::log2(static_cast<double>(s.sequences)));
  };
  const CostSurface surface = SurfaceOf(cost);
  for (const int sequences : {1, 2, 4, 8}) {
    EXPECT_NEAR(surface.At(Spread(sequences, 16)).count(), cost(Spread(sequences, 16)).count(),
                1e-12)
        << sequences;
  }
  // More sequences than were measured cost as much as the most that were.
  EXPECT_EQ(surface.At(Spread(16, 16)), surface.At(Spread(8, 16)));
  EXPECT_EQ(surface.At(Spread(3, 3)), Seconds(cost(Spread(3, 3))));
}

TEST(CostSurface, HasOneFormWhereThereIsOneSlot) {
  const CostSurface surface = SurfaceOf(Line, /*sequences=*/1);
  EXPECT_NEAR(Milliseconds(surface, One(4)), 9, 1e-9);
  EXPECT_NEAR(Milliseconds(surface, Spread(4, 4)), 9, 1e-9);
}

TEST(CostSurface, PricesNothingAsNothing) {
  EXPECT_EQ(SurfaceOf(Line).At({}), Seconds(0));
}

TEST(CostSurface, RefusesGridsThatCannotBeMeant) {
  const CostTables good = TablesOf(Line, kContexts, kRows, 8);
  EXPECT_TRUE(Validate(good).ok());
  const auto refused = [&](auto change) {
    CostTables tables = good;
    change(tables);
    return !CostSurface::Create(tables).ok();
  };
  EXPECT_TRUE(refused([](CostTables& t) { t.one.seconds[3] = Seconds(0); }));
  EXPECT_TRUE(refused([](CostTables& t) { t.one.seconds[3] = Seconds(-1); }));
  EXPECT_TRUE(refused([](CostTables& t) { t.spread.seconds[3] = Seconds(std::nan("")); }));
  EXPECT_TRUE(refused(
      [](CostTables& t) { t.one.seconds[3] = Seconds(std::numeric_limits<double>::infinity()); }));
  EXPECT_TRUE(refused([](CostTables& t) { std::swap(t.one.rows[1], t.one.rows[2]); }));
  EXPECT_TRUE(refused([](CostTables& t) { t.one.rows[0] = 0; }));
  EXPECT_TRUE(refused([](CostTables& t) { t.one.contexts = {384, 64}; }));
  EXPECT_TRUE(refused([](CostTables& t) { t.one.seconds.pop_back(); }));
  EXPECT_TRUE(refused([](CostTables& t) { t.one.measured.pop_back(); }));
  EXPECT_TRUE(refused([](CostTables& t) { t.spread = {}; }));
  EXPECT_TRUE(refused([](CostTables& t) { t.spread_sequences = 1; }));
  EXPECT_TRUE(refused([](CostTables& t) { t.one = {}; }));
}

}  // namespace
}  // namespace turbospec
