#include "profile/cost_tables.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

MeasuredPoint Point(int sequences, int rows, double context, std::vector<double> milliseconds,
                    bool check = false) {
  MeasuredPoint p{
      .point = {.shape = {sequences, rows, context}, .spread = sequences > 1, .check = check},
      .actual_context = context,
      .runs = {}};
  for (const double ms : milliseconds) p.runs.emplace_back(ms / 1e3);
  return p;
}

double Milliseconds(const CostGrid& grid, std::size_t context, std::size_t row) {
  return grid.at(context, row).count() * 1e3;
}

TEST(CostTables, TakesAQuietRunAndNotTheFirst) {
  EXPECT_NEAR(Point(1, 1, 64, {9, 10, 30, 12}).Value().count(), 0.011, 1e-12);
  EXPECT_NEAR(Point(1, 1, 64, {9, 40, 10, 30, 12, 50}).Value().count(), 0.012, 1e-12);
  EXPECT_NEAR(Point(1, 1, 64, {90}).Value().count(), 0.090, 1e-12);
  const auto costs = CostsOf({Point(1, 1, 64, {15, 10, 10}), Point(1, 2, 64, {18, 12, 12})}, 1);
  EXPECT_NEAR(costs->first_use.count(), 0.0055, 1e-9);
}

TEST(CostTables, InfersWhatWasNotMeasuredFromItsNeighbours) {
  // One row costs 0.01 ms per attended token, so two rows cost 0.02 ms.
  const auto costs =
      CostsOf({Point(1, 1, 100, {0, 10}), Point(1, 2, 100, {0, 14}), Point(1, 1, 300, {0, 12})}, 1);
  ASSERT_TRUE(costs.ok()) << costs.error().message;
  const CostGrid& one = costs->tables.one;
  EXPECT_EQ(one.measured, (std::vector<char>{1, 1, 1, 0}));
  EXPECT_NEAR(Milliseconds(one, 1, 1), 14 + 0.02 * 200, 1e-9);
}

TEST(CostTables, InfersFromTheRowCountsOnBothSides) {
  // Above 4 rows attention has another kernel, half as dear: 0.01 and 0.005 ms per row and token.
  const auto costs =
      CostsOf({Point(1, 2, 100, {0, 10}), Point(1, 2, 200, {0, 12}), Point(1, 4, 100, {0, 11}),
               Point(1, 6, 100, {0, 12}), Point(1, 6, 200, {0, 15}), Point(1, 8, 100, {0, 13})},
              1);
  ASSERT_TRUE(costs.ok()) << costs.error().message;
  EXPECT_NEAR(Milliseconds(costs->tables.one, 1, 1), 11 + 4 * 0.0075 * 100, 1e-9);
  EXPECT_NEAR(Milliseconds(costs->tables.one, 1, 3), 13 + 8 * 0.005 * 100, 1e-9);
}

TEST(CostTables, GoesOnAsOneSequenceWhereAllSlotsWereTooMuch) {
  const auto costs =
      CostsOf({Point(1, 1, 16, {0, 10}), Point(1, 1, 116, {0, 11}), Point(4, 4, 16, {0, 20})}, 4);
  ASSERT_TRUE(costs.ok()) << costs.error().message;
  const CostGrid& spread = costs->tables.spread;
  EXPECT_EQ(spread.contexts, (std::vector<double>{16, 116}));
  EXPECT_NEAR(Milliseconds(spread, 0, 0), 20, 1e-9);
  EXPECT_NEAR(Milliseconds(spread, 1, 0), 20 + 4 * 0.01 * 100, 1e-9);
}

TEST(CostTables, DoesNotDrawOutANoisySlope) {
  // The slots were filled to 40 tokens at most, and noise made 24 more tokens look dear.
  const auto costs = CostsOf({Point(1, 1, 16, {0, 10}), Point(1, 1, 116, {0, 11}),
                              Point(4, 4, 16, {0, 20}), Point(4, 4, 40, {0, 30})},
                             4);
  const CostGrid& spread = costs->tables.spread;
  EXPECT_EQ(spread.contexts, (std::vector<double>{16, 40, 116}));
  EXPECT_NEAR(Milliseconds(spread, 2, 0), 30 + 4 * 0.01 * 76, 1e-9);
}

TEST(CostTables, MovesAMeasurementToTheContextThatWasPlanned) {
  MeasuredPoint off = Point(1, 2, 100, {0, 14});
  off.actual_context = 150;
  const auto costs = CostsOf({Point(1, 1, 100, {0, 10}), off, Point(1, 1, 300, {0, 12})}, 1);
  EXPECT_NEAR(Milliseconds(costs->tables.one, 0, 1), 14 - 0.02 * 50, 1e-9);
}

TEST(CostTables, KeepsChecksOutOfTheGrid) {
  const auto costs =
      CostsOf({Point(1, 1, 64, {0, 10}), Point(1, 5, 100, {0, 20}, /*check=*/true)}, 1);
  EXPECT_EQ(costs->tables.one.rows, (std::vector<int>{1}));
  ASSERT_EQ(costs->checks.size(), 1U);
  EXPECT_EQ(costs->checks[0].shape, (PassShape{1, 5, 100}));
}

TEST(CostTables, NeedsAMeasurement) {
  EXPECT_FALSE(CostsOf({}, 4).ok());
  EXPECT_FALSE(CostsOf({Point(1, 1, 64, {})}, 4).ok());
}

}  // namespace
}  // namespace turbospec
