#include "control/pass_prices.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

// 10 s a row, 3 s a change, behind a pass of 4 sequences with 2 rows each.
PassPrices TenPerRow() {
  PassPrices prices([](int, int rows, double) { return Seconds(10 * rows); });
  prices.SetShapeChange(3);
  prices.SetLastPass(4, 8);
  return prices;
}

TEST(PassPrices, ChargeWhatDiffersFromTheLastPass) {
  PassPrices prices = TenPerRow();
  EXPECT_EQ(prices.First(4, 8), 80);
  EXPECT_EQ(prices.First(4, 12), 123);
  EXPECT_EQ(prices.First(2, 8), 83);
  EXPECT_EQ(prices.Changed(4, 8), 83);
  EXPECT_EQ(prices.Of(4, 12), 120);
}

TEST(PassPrices, GoingBackToOneRowEachIsFree) {
  PassPrices prices = TenPerRow();
  EXPECT_EQ(prices.First(4, 4), 40);
  // It is a change all the same, for who learns from its time.
  EXPECT_EQ(prices.Changes(4, 4), 1);
}

TEST(PassPrices, MoreRowsNeverCostLessThanOneEach) {
  PassPrices prices([](int, int rows, double) { return Seconds(rows == 4 ? 50 : 10 * rows); });
  EXPECT_EQ(prices.Of(4, 4), 50);
  EXPECT_EQ(prices.Of(4, 8), 80);
  EXPECT_EQ(prices.Of(3, 3), 30);
  EXPECT_EQ(prices.Of(2, 4), 50);
  PassPrices wrong([](int, int rows, double) { return Seconds(rows == 4 ? 90 : 10 * rows); });
  EXPECT_EQ(wrong.Of(4, 8), 90);
  EXPECT_EQ(wrong.Of(4, 1 << 20), 10 * (1 << 20));
}

TEST(PassPrices, AskAgainWhenRefreshed) {
  double price = 1;
  PassPrices prices([&](int, int, double) { return Seconds(price); });
  EXPECT_EQ(prices.Of(1, 1), 1);
  price = 2;
  EXPECT_EQ(prices.Of(1, 1), 1);
  prices.Refresh(100);
  EXPECT_EQ(prices.Of(1, 1), 2);
  EXPECT_EQ(prices.mean_context(), 100);
}

}  // namespace
}  // namespace turbospec
