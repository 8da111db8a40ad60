#include "acceptance/request_table.h"

#include <gtest/gtest.h>

#include <map>

#include "core/random.h"

namespace turbospec {
namespace {

TEST(RequestTable, UsesFreedIndexesAgain) {
  RequestTable table(4);
  EXPECT_EQ(table.Insert(100), 0);
  EXPECT_EQ(table.Insert(200), 1);
  EXPECT_EQ(table.Remove(100), 0);
  EXPECT_EQ(table.Find(100), RequestTable::kAbsent);
  EXPECT_EQ(table.Insert(300), 0);
  EXPECT_EQ(table.Find(200), 1);
}

TEST(RequestTable, RemovingWhatIsAbsentIsHarmless) {
  RequestTable table(1);
  EXPECT_EQ(table.Remove(7), RequestTable::kAbsent);
  table.Insert(7);
  EXPECT_EQ(table.Remove(8), RequestTable::kAbsent);
  EXPECT_EQ(table.Find(7), 0);
}

TEST(RequestTable, AgreesWithAMapThroughRandomUse) {
  RequestTable table(4);
  std::map<RequestId, int> map;
  RandomStream random(11);
  for (int i = 0; i < 20000; ++i) {
    const RequestId id = random.Bits() % 300;
    const auto known = map.find(id);
    ASSERT_EQ(table.Find(id), known == map.end() ? RequestTable::kAbsent : known->second);
    if (known != map.end()) {
      ASSERT_EQ(table.Remove(id), known->second);
      map.erase(known);
    } else {
      const int index = table.Insert(id);
      for (const auto& [other, taken] : map) ASSERT_NE(index, taken) << other;
      ASSERT_LT(index, 300);
      map[id] = index;
    }
  }
}

}  // namespace
}  // namespace turbospec
