#include "turbospec/batch_shape.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace turbospec {
namespace {

std::vector<Pass> EqualLength(std::vector<int> rows, int max_rows = 512) {
  return SplitIntoPasses(BatchRule::kEqualLength, rows, max_rows);
}

Pass Block(int first_slot, int sequences, int rows_per_sequence) {
  return {first_slot, sequences, rows_per_sequence, sequences * rows_per_sequence};
}

TEST(SplitIntoPasses, UniformNeighboursAreOnePass) {
  EXPECT_EQ(EqualLength({4, 4, 4}), (std::vector{Block(0, 3, 4)}));
}

TEST(SplitIntoPasses, LongerNeighboursGoOnWithoutTheShort) {
  EXPECT_EQ(EqualLength({5, 5, 1, 1}), (std::vector{Block(0, 4, 1), Block(0, 2, 4)}));
}

TEST(SplitIntoPasses, WhatRemainsMustBeConsecutiveToo) {
  EXPECT_EQ(EqualLength({1, 5, 1, 5}),
            (std::vector{Block(0, 4, 1), Block(1, 1, 4), Block(3, 1, 4)}));
}

TEST(SplitIntoPasses, AGapCutsTheBatch) {
  EXPECT_EQ(EqualLength({2, 0, 2}), (std::vector{Block(0, 1, 2), Block(2, 1, 2)}));
}

TEST(SplitIntoPasses, ALongSequenceIsCutAtTheRowLimit) {
  EXPECT_EQ(EqualLength({0, 70}, 32),
            (std::vector{Block(1, 1, 32), Block(1, 1, 32), Block(1, 1, 6)}));
}

TEST(SplitIntoPasses, MoreSequencesThanTheRowLimitAreCutToo) {
  EXPECT_EQ(EqualLength({1, 1, 1}, 2), (std::vector{Block(0, 2, 1), Block(2, 1, 1)}));
}

TEST(SplitIntoPasses, OnePassTakesAnythingUpToTheRowLimit) {
  const std::vector<int> rows = {8, 0, 1, 3};
  EXPECT_EQ(SplitIntoPasses(BatchRule::kOnePass, rows, 512), (std::vector{Pass{0, 3, 0, 12}}));
  EXPECT_EQ(SplitIntoPasses(BatchRule::kOnePass, rows, 10),
            (std::vector{Pass{0, 3, 0, 10}, Pass{3, 1, 0, 2}}));
}

TEST(SplitIntoPasses, NoRowsNoPasses) {
  EXPECT_TRUE(EqualLength({}).empty());
  EXPECT_TRUE(EqualLength({0, 0}).empty());
}

}  // namespace
}  // namespace turbospec
