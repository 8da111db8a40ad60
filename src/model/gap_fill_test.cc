#include "model/gap_fill.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "core/random.h"
#include "turbospec/batch_shape.h"

namespace turbospec {
namespace {

using Rows = std::vector<int>;

// A pass takes `pass` and one per row.
PassSeconds Linear(double pass) {
  return [pass](int /*sequences*/, int rows) { return pass + rows; };
}

Rows Fill(const Rows& rows, double pass = 6, GapFillLimits limits = {}, Rows room = {}) {
  room.resize(rows.size(), 100);
  return PlanGapFill(rows, room, limits, Linear(pass));
}

TEST(HasGap, IsAnIdleSlotBetweenActiveOnes) {
  for (const Rows& rows : {Rows{1, 0, 1}, Rows{0, 2, 0, 0, 1, 0}}) EXPECT_TRUE(HasGap(rows));
  for (const Rows& rows : {Rows{}, Rows{0, 0}, Rows{0, 1, 2, 0}}) EXPECT_FALSE(HasGap(rows));
}

TEST(PlanGapFill, ClosesAGapBetweenEqualNeighbours) {
  EXPECT_EQ(Fill({1, 0, 1}), (Rows{0, 1, 0}));
  EXPECT_EQ(Fill({4, 4, 0, 4, 4}), (Rows{0, 0, 4, 0, 0}));
}

TEST(PlanGapFill, ClosesSeveralGaps) {
  EXPECT_EQ(Fill({2, 0, 2, 0, 2, 0, 2}), (Rows{0, 2, 0, 2, 0, 2, 0}));
}

TEST(PlanGapFill, TakesTheShorterNeighboursRows) {
  EXPECT_EQ(Fill({5, 1, 0, 1, 5}), (Rows{0, 0, 1, 0, 0}));
  EXPECT_TRUE(Fill({3, 0, 1}).empty()) << "still two passes";
}

TEST(PlanGapFill, LeavesCompactBatchesAlone) {
  EXPECT_TRUE(Fill({1, 1, 1}).empty());
  EXPECT_TRUE(Fill({0, 0, 2, 3, 0}).empty());
  EXPECT_TRUE(Fill({0, 0, 0}).empty());
  EXPECT_TRUE(Fill({}).empty());
}

TEST(PlanGapFill, LeavesAGapWhoseRowsCostMoreThanThePass) {
  EXPECT_TRUE(Fill({5, 0, 5}, 4).empty());
  EXPECT_FALSE(Fill({5, 0, 5}, 6).empty());
}

TEST(PlanGapFill, ClosesAsWideAGapAsPays) {
  EXPECT_EQ(Fill({1, 0, 0, 0, 1}, 4), (Rows{0, 1, 1, 1, 0}));
  EXPECT_TRUE(Fill({1, 0, 0, 0, 1}, 3).empty());
}

TEST(PlanGapFill, LeavesASlotWithoutRoomAlone) {
  EXPECT_TRUE(Fill({2, 0, 2}, 6, {}, {100, 1, 100}).empty());
  EXPECT_FALSE(Fill({2, 0, 2}, 6, {}, {100, 2, 100}).empty());
}

TEST(PlanGapFill, KeepsWithinTheForwardLimit) {
  EXPECT_TRUE(Fill({2, 0, 2}, 6, {.max_rows_per_forward = 5}).empty());
  EXPECT_FALSE(Fill({2, 0, 2}, 6, {.max_rows_per_forward = 6}).empty());
}

TEST(PlanGapFill, KnowsWhereThePriceJumps) {
  const auto seconds = [](int /*sequences*/, int rows) { return rows <= 32 ? 1.0 : 3.0; };
  const Rows room(3, 100);
  EXPECT_EQ(PlanGapFill(Rows{10, 0, 10}, room, {}, seconds), (Rows{0, 10, 0}));
  EXPECT_TRUE(PlanGapFill(Rows{11, 0, 11}, room, {}, seconds).empty()) << "33 rows in one pass";
}

// Slot 1 holds too much in the second case; in the third, rows of long contexts cost more than the
// pass that they would spare.
TEST(PlanGapFill, GoesByWhatSlotsHoldAndItsPrice) {
  const PassCost prices = [](int /*sequences*/, int rows, double mean_context) {
    return Seconds(6 + rows * mean_context / 10);
  };
  EXPECT_EQ(PlanGapFill(Rows{1, 0, 1}, Rows{9, 0, 9}, 100, {}, prices), (Rows{0, 1, 0}));
  EXPECT_TRUE(PlanGapFill(Rows{1, 0, 1}, Rows{9, 100, 9}, 100, {}, prices).empty());
  EXPECT_TRUE(PlanGapFill(Rows{1, 0, 1}, Rows{99, 0, 99}, 100, {}, prices).empty());
}

TEST(PlanGapFill, NeverMakesABatchDearer) {
  RandomStream random(7);
  for (int round = 0; round < 2000; ++round) {
    const GapFillLimits limits{.max_rows_per_pass = 16, .max_rows_per_forward = 40};
    const double pass = 8 * random.Uniform();
    Rows rows(8);
    Rows room(8);
    for (auto& n : rows) n = random.Uniform() < 0.5 ? 0 : static_cast<int>(5 * random.Uniform());
    for (auto& n : room) n = static_cast<int>(6 * random.Uniform());
    const Rows fillers = PlanGapFill(rows, room, limits, Linear(pass));
    if (fillers.empty()) continue;
    Rows filled = rows;
    for (std::size_t s = 0; s < 8; ++s) {
      if (fillers[s] > 0) {
        ASSERT_EQ(rows[s], 0);
        ASSERT_LE(fillers[s], room[s]);
      }
      filled[s] += fillers[s];
    }
    const auto sum = [](const Rows& r) { return std::accumulate(r.begin(), r.end(), 0); };
    ASSERT_LE(sum(filled), limits.max_rows_per_forward);
    const auto seconds = [&](const Rows& r) {
      const auto passes = SplitIntoPasses(BatchRule::kEqualLength, r, limits.max_rows_per_pass);
      return pass * static_cast<double>(passes.size()) + sum(r);
    };
    ASSERT_LT(seconds(filled), seconds(rows));
  }
}

}  // namespace
}  // namespace turbospec
