#include "model/llama/gap_fill.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "core/random.h"
#include "turbospec/batch_shape.h"

namespace turbospec {
namespace {

using Rows = std::vector<int>;

Rows Fill(const Rows& rows, GapFillLimits limits = {}, Rows room = {}) {
  room.resize(rows.size(), 100);
  return PlanGapFill(rows, room, limits);
}

double Cost(double one_row, double many_rows, int rows) {
  return PassCostRows(Seconds(one_row), Seconds(many_rows), rows);
}

TEST(PassCostRows, ComparesAPassWithItsRows) {
  EXPECT_DOUBLE_EQ(Cost(10, 15, 11), 19);
  EXPECT_DOUBLE_EQ(Cost(2, 16, 8), 0) << "rows are all there is";
  EXPECT_DOUBLE_EQ(Cost(2, 20, 8), 0) << "more rows are dearer than passes";
  EXPECT_DOUBLE_EQ(Cost(2, 2, 8), 64) << "rows are free";
  EXPECT_DOUBLE_EQ(Cost(2, 1.9, 8), 64) << "noise";
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
  EXPECT_TRUE(Fill({5, 0, 5}, {.pass_cost_rows = 4}).empty());
  EXPECT_FALSE(Fill({5, 0, 5}, {.pass_cost_rows = 6}).empty());
}

TEST(PlanGapFill, NeverAddsMoreRowsThanTheBatchHas) {
  EXPECT_EQ(Fill({1, 0, 0, 1}, {.pass_cost_rows = 100}), (Rows{0, 1, 1, 0}));
  EXPECT_TRUE(Fill({1, 0, 0, 0, 1}, {.pass_cost_rows = 100}).empty());
}

TEST(PlanGapFill, LeavesASlotWithoutRoomAlone) {
  EXPECT_TRUE(Fill({2, 0, 2}, {}, {100, 1, 100}).empty());
  EXPECT_FALSE(Fill({2, 0, 2}, {}, {100, 2, 100}).empty());
}

TEST(PlanGapFill, KeepsWithinTheForwardLimit) {
  EXPECT_TRUE(Fill({2, 0, 2}, {.max_rows_per_forward = 5}).empty());
  EXPECT_FALSE(Fill({2, 0, 2}, {.max_rows_per_forward = 6}).empty());
}

TEST(PlanGapFill, LeavesLongRunsAlone) {
  EXPECT_TRUE(Fill({20, 0, 20}, {.pass_cost_rows = 100, .max_rows_per_slot = 16}).empty());
}

TEST(PlanGapFill, NeverMakesABatchDearer) {
  RandomStream random(7);
  for (int round = 0; round < 2000; ++round) {
    GapFillLimits limits{.max_rows_per_pass = 16, .max_rows_per_forward = 40};
    limits.pass_cost_rows = 8 * random.Uniform();
    Rows rows(8);
    Rows room(8);
    for (auto& n : rows) n = random.Uniform() < 0.5 ? 0 : static_cast<int>(5 * random.Uniform());
    for (auto& n : room) n = static_cast<int>(6 * random.Uniform());
    const Rows fillers = PlanGapFill(rows, room, limits);
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
    ASSERT_LE(sum(filled), 2 * sum(rows));
    ASSERT_LE(sum(filled), limits.max_rows_per_forward);
    const auto passes = [&](const Rows& r) {
      return SplitIntoPasses(BatchRule::kEqualLength, r, limits.max_rows_per_pass).size();
    };
    ASSERT_LT(passes(filled), passes(rows));
  }
}

}  // namespace
}  // namespace turbospec
