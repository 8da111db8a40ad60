#include "engine/slot_table.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

const std::vector<TokenId> kPrompt = {1, 2, 3, 4, 5, 6};

TEST(SlotTable, GivesTheLowestIdleSlot) {
  SlotTable table(3, 2);
  table.Occupy(0);
  EXPECT_EQ(table.Choose(kPrompt)->slot, 1);
}

TEST(SlotTable, PrefersACachedPrefixThatSavesEnough) {
  SlotTable table(3, 2);
  table.Occupy(2);
  table.Release(2, {1, 2, 3, 9});
  EXPECT_EQ(table.Choose(kPrompt)->slot, 2);
  EXPECT_EQ(table.Choose(kPrompt)->reused, 3);
}

TEST(SlotTable, KeepsToTheLowestSlotForASmallSaving) {
  SlotTable table(3, 4);
  table.Occupy(2);
  table.Release(2, {1, 2, 3, 9});
  EXPECT_EQ(table.Choose(kPrompt)->slot, 0);
}

TEST(SlotTable, LeavesOneTokenToCompute) {
  SlotTable table(1, 1);
  table.Occupy(0);
  table.Release(0, {1, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ(table.Choose(kPrompt)->reused, 5);
}

TEST(SlotTable, HasNothingWhenAllAreBusy) {
  SlotTable table(1, 1);
  table.Occupy(0);
  EXPECT_FALSE(table.Choose(kPrompt).has_value());
  EXPECT_EQ(table.idle(), 0);
}

}  // namespace
}  // namespace turbospec
