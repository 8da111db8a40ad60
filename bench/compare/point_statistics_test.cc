#include "bench/compare/point_statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "bench/compare/compare_fixture.h"

namespace turbospec::compare {
namespace {

Grid Small() {
  return *Read(SmallGrid());
}

TEST(BootstrapMedian, OfThreeValuesReachesFromTheSmallestToTheLargest) {
  const Estimate estimate = BootstrapMedian({2, 9, 4}, 1);
  EXPECT_DOUBLE_EQ(estimate.median, 4);
  // A resample's median is 2 or 9 with probability 7/27 each, so both ends hold over 2.5 %.
  EXPECT_DOUBLE_EQ(estimate.low, 2);
  EXPECT_DOUBLE_EQ(estimate.high, 9);
  EXPECT_TRUE(estimate.has_interval);
}

TEST(BootstrapMedian, NarrowsWithTheRounds) {
  std::vector<double> sample;
  for (int i = 0; i < 101; ++i) sample.push_back(i);
  const Estimate estimate = BootstrapMedian(sample, 1);
  EXPECT_DOUBLE_EQ(estimate.median, 50);
  // The order statistics 40 and 61 bound the median of 101 values in 95 % of the cases.
  EXPECT_NEAR(estimate.low, 40, 3);
  EXPECT_NEAR(estimate.high, 60, 3);
}

TEST(BootstrapMedian, SaysThatTwoRoundsAllowNoInterval) {
  const Estimate two = BootstrapMedian({3, 1}, 1);
  EXPECT_FALSE(two.has_interval);
  EXPECT_DOUBLE_EQ(two.median, 2);
  EXPECT_DOUBLE_EQ(two.low, 1);
  EXPECT_DOUBLE_EQ(two.high, 3);
  EXPECT_DOUBLE_EQ(BootstrapMedian({}, 1).median, 0);
}

TEST(BootstrapMedian, IsTheSameForTheSameSeed) {
  std::vector<double> sample = {5, 1, 4, 2, 8, 3, 9, 7};
  EXPECT_DOUBLE_EQ(BootstrapMedian(sample, 3).low, BootstrapMedian(sample, 3).low);
}

TEST(Points, PairRatiosWithinARound) {
  // The machine halves its speed from round to round: the medians are 50 and 80, but k2 is always
  // 1.6 times as fast, but for the last round.
  const std::vector<Cell> cells = {Measured("off", 0, 100), Measured("k2", 0, 160),
                                   Measured("off", 1, 50),  Measured("k2", 1, 80),
                                   Measured("off", 2, 25),  Measured("k2", 2, 50)};
  const auto points = MakePoints(Small(), cells);
  ASSERT_EQ(points.size(), 1u);
  const ServerAtPoint& k2 = *points[0].Find("k2");
  EXPECT_EQ(k2.rounds, 3);
  EXPECT_DOUBLE_EQ(k2.tokens_per_second.median, 80);
  EXPECT_DOUBLE_EQ(k2.slowest, 50);
  EXPECT_DOUBLE_EQ(k2.fastest, 160);
  EXPECT_DOUBLE_EQ(k2.to_off->median, 1.6);
  EXPECT_DOUBLE_EQ(k2.to_off->low, 1.6);
  EXPECT_DOUBLE_EQ(k2.to_off->high, 2);
  EXPECT_DOUBLE_EQ(points[0].Find("off")->to_off->median, 1);
  EXPECT_DOUBLE_EQ(k2.ttft_mean_ms, 10);
  EXPECT_DOUBLE_EQ(k2.tpot_median_ms, 12.5);
}

TEST(Points, LeaveOutRoundsThatOnlyOneServerHas) {
  const auto points = MakePoints(
      Small(), {Measured("off", 0, 100), Measured("k2", 0, 150), Measured("k2", 1, 999)});
  EXPECT_DOUBLE_EQ(points[0].Find("k2")->to_off->median, 1.5);
  const auto apart = MakePoints(Small(), {Measured("off", 0, 100), Measured("k2", 1, 150)});
  EXPECT_FALSE(apart[0].Find("k2")->to_off.has_value());
}

TEST(Points, TakeTheBestHandTunedChoiceAsEnvelopeAndNotTheController) {
  const auto points = MakePoints(Small(), {Measured("off", 0, 100), Measured("k2", 0, 150),
                                           Measured("k4", 0, 120), Measured("auto", 0, 180)});
  EXPECT_EQ(points[0].best_static, "k2");
  EXPECT_DOUBLE_EQ(points[0].Find("auto")->to_envelope->median, 1.2);
  EXPECT_DOUBLE_EQ(points[0].Find("k4")->to_envelope->median, 0.8);
}

TEST(Points, CountNoSpeculationAsAHandTunedChoice) {
  const auto points = MakePoints(
      Small(), {Measured("off", 0, 100), Measured("k2", 0, 90), Measured("auto", 0, 95)});
  EXPECT_EQ(points[0].best_static, "off");
  EXPECT_DOUBLE_EQ(points[0].Find("auto")->to_envelope->median, 0.95);
}

TEST(Points, ShowAServerThatOnlyFailed) {
  const auto points = MakePoints(Small(), {Measured("off", 0, 100), Failed("k2", 0, "timeout"),
                                           Measured("k4", 0, 120), Failed("k4", 1, "connect")});
  EXPECT_EQ(points[0].Find("k2")->rounds, 0);
  EXPECT_EQ(points[0].Find("k2")->error, "timeout");
  EXPECT_FALSE(points[0].Find("k2")->to_off.has_value());
  EXPECT_EQ(points[0].Find("k4")->rounds, 1);
  EXPECT_EQ(points[0].Find("k4")->failed_rounds, 1);
  EXPECT_EQ(points[0].Find("auto"), nullptr);
}

TEST(Points, GiveAServerItsRatioToItsOwnBaseline) {
  nlohmann::json grid = SmallGrid();
  grid["servers"][2]["baseline"] = "k2";
  const auto points = MakePoints(
      *Read(grid), {Measured("off", 0, 100), Measured("k2", 0, 150), Measured("k4", 0, 300)});
  EXPECT_DOUBLE_EQ(points[0].Find("k4")->to_own_baseline->median, 2);
  EXPECT_DOUBLE_EQ(points[0].Find("k4")->to_off->median, 3);
  EXPECT_FALSE(points[0].Find("k2")->to_own_baseline.has_value());
}

TEST(Points, ComeInTheOrderOfTheGrid) {
  const auto points = MakePoints(
      Small(), {At(Measured("off", 0, 1), "4", "code"), At(Measured("off", 0, 1), "1", "code"),
                At(Measured("off", 0, 1), "4", "tale")});
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points[0].mix + points[0].load, "tale4");
  EXPECT_EQ(points[1].mix + points[1].load, "code1");
  EXPECT_EQ(points[2].mix + points[2].load, "code4");
}

// At 1 client k4 is best, at 4 clients no speculation.
std::vector<Cell> TwoPoints() {
  return {Measured("off", 0, 100),
          Measured("k2", 0, 150),
          Measured("k4", 0, 200),
          Measured("auto", 0, 190),
          At(Measured("off", 0, 100), "4", "tale"),
          At(Measured("k2", 0, 90), "4", "tale"),
          At(Measured("k4", 0, 45), "4", "tale"),
          At(Measured("auto", 0, 98), "4", "tale")};
}

TEST(Overall, IsTheGeometricMeanOverThePointsOfAModel) {
  const auto overall = OverallOf(MakePoints(Small(), TwoPoints()), "pair");
  ASSERT_EQ(overall.size(), 4u);
  EXPECT_EQ(overall[0].server, "auto");
  EXPECT_NEAR(overall[0].mean_to_envelope, std::sqrt(0.95 * 0.98), 1e-12);
  EXPECT_NEAR(overall[0].least_to_envelope, 0.95, 1e-12);
  EXPECT_NEAR(overall[0].mean_to_off, std::sqrt(1.9 * 0.98), 1e-12);
  EXPECT_NEAR(overall[3].least_to_off, 0.45, 1e-12);
  EXPECT_EQ(overall[3].server, "k4");
  EXPECT_TRUE(OverallOf(MakePoints(Small(), TwoPoints()), "no such model").empty());
}

TEST(Overall, PutsServersThatMissPointsLast) {
  std::vector<Cell> cells = TwoPoints();
  std::erase_if(cells,
                [](const Cell& cell) { return cell.key.server == "k4" && cell.key.load == "4"; });
  const auto points = MakePoints(Small(), cells);
  EXPECT_EQ(OverallOf(points, "pair").back().server, "k4");
  EXPECT_EQ(OverallOf(points, "pair").back().points, 1);
  EXPECT_EQ(BestSingleStatic(Small(), points, "pair")->server, "k2");
}

TEST(BestSingleStatic, IsTheHandTunedChoiceOfTheLargestMean) {
  // Means of the ratios: off 1, k2 sqrt(1.5 * 0.9) = 1.162, k4 sqrt(2 * 0.5) = 1; auto is not
  // asked.
  const auto best = BestSingleStatic(Small(), MakePoints(Small(), TwoPoints()), "pair");
  ASSERT_TRUE(best.has_value());
  EXPECT_EQ(best->server, "k2");
  EXPECT_NEAR(best->mean_to_off, std::sqrt(1.5 * 0.9), 1e-12);
  EXPECT_FALSE(BestSingleStatic(Small(), {}, "pair").has_value());
}

}  // namespace
}  // namespace turbospec::compare
