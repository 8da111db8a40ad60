#include "profile/sweep_plan.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace turbospec {
namespace {

constexpr SweepLimits kLimits = {.slots = 8, .context_per_slot = 2048, .max_rows = 512};

SweepPlan Plan(double seconds_per_row, double budget, ProfileMode mode = ProfileMode::kQuick,
               SweepLimits limits = kLimits) {
  const std::array<double, 1> contexts = {1};
  const std::array<int, 2> rows = {1, 32};
  const auto price = [=](const PassShape& s) { return Seconds(seconds_per_row * (1 + s.rows)); };
  const auto scouted = CostSurface::Create(TablesOf(price, contexts, rows, 1)).value();
  return PlanSweep(limits, mode, Seconds(budget), scouted);
}

std::set<int> RowsOf(const SweepPlan& plan, bool spread) {
  std::set<int> rows;
  for (const SweepPoint& p : plan.points) {
    if (p.spread == spread && !p.check) rows.insert(p.shape.rows);
  }
  return rows;
}

int Runs(const SweepPlan& plan) {
  int runs = 0;
  for (const SweepPoint& p : plan.points) runs += p.runs;
  return runs;
}

TEST(SweepPlan, HoldsTheFineGridOnAFastModel) {
  const auto rows = RowsOf(Plan(1e-5, 45), false);
  for (const int n :
       {1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 128}) {
    EXPECT_TRUE(rows.contains(n)) << n;
  }
  EXPECT_TRUE(RowsOf(Plan(1e-5, 45), true).contains(8 * 9 + 8 * 1));
}

TEST(SweepPlan, GetsCoarserInsteadOfLonger) {
  std::size_t before = 10'000;
  for (const double seconds_per_row : {1e-5, 1e-3, 1e-2, 4e-2}) {
    const SweepPlan plan = Plan(seconds_per_row, 45);
    EXPECT_LE(plan.expected.count(), 45) << seconds_per_row;
    EXPECT_LE(plan.points.size(), before);
    before = plan.points.size();
  }
}

TEST(SweepPlan, KeepsTwoContextsOnASlowModel) {
  std::set<double> contexts;
  for (const SweepPoint& p : Plan(0.037, 38).points) {
    if (!p.spread && !p.check) contexts.insert(p.shape.mean_context);
  }
  ASSERT_GE(contexts.size(), 2U);
  EXPECT_GE(*contexts.rbegin() - *contexts.begin(), 64);
}

TEST(SweepPlan, HasAPlanForEveryBudget) {
  for (const double budget : {1e-3, 0.1, 1.0, 10.0, 1000.0}) {
    const SweepPlan plan = Plan(0.04, budget);
    EXPECT_FALSE(plan.points.empty());
    EXPECT_TRUE(RowsOf(plan, false).contains(1));
    for (const SweepPoint& p : plan.points) EXPECT_GE(p.runs, 1);
  }
}

TEST(SweepPlan, SpendsMoreOnFull) {
  const SweepPlan quick = Plan(1e-4, 180), full = Plan(1e-4, 180, ProfileMode::kFull);
  EXPECT_GT(full.points.size(), quick.points.size());
  EXPECT_GT(Runs(full), 2 * Runs(quick));
  EXPECT_TRUE(RowsOf(full, false).contains(512));
}

TEST(SweepPlan, StaysWithinTheModel) {
  for (const SweepLimits limits : {SweepLimits{1, 8, 3}, SweepLimits{2, 16, 512},
                                   SweepLimits{64, 4096, 64}, SweepLimits{256, 256, 512}}) {
    const SweepPlan plan = Plan(1e-4, 45, ProfileMode::kFull, limits);
    for (const SweepPoint& p : plan.points) {
      EXPECT_LE(p.shape.rows, limits.max_rows);
      EXPECT_LE(p.shape.sequences, limits.slots);
      EXPECT_LE(p.rows_per_sequence(), limits.context_per_slot);
      EXPECT_LE(p.shape.mean_context, limits.context_per_slot);
      EXPECT_EQ(p.shape.rows % p.shape.sequences, 0);
    }
  }
}

TEST(SweepPlan, FillsEachSlotOnceAndThenCuts) {
  for (const ProfileMode mode : {ProfileMode::kQuick, ProfileMode::kFull}) {
    const SweepPlan plan = Plan(1e-4, 200, mode);
    for (std::size_t i = 1; i < plan.points.size(); ++i) {
      const SweepPoint &a = plan.points[i - 1], &b = plan.points[i];
      EXPECT_LE(a.spread, b.spread);
      if (a.spread != b.spread) continue;
      EXPECT_GE(a.shape.mean_context, b.shape.mean_context);
    }
  }
}

TEST(SweepPlan, ChecksOnlyWhatTheGridDoesNotHold) {
  const SweepPlan plan = Plan(1e-4, 45);
  int checks = 0;
  for (const SweepPoint& check : plan.points) {
    if (!check.check) continue;
    ++checks;
    for (const SweepPoint& p : plan.points) EXPECT_TRUE(p.check || !(p.shape == check.shape));
  }
  EXPECT_GE(checks, 6);
}

}  // namespace
}  // namespace turbospec
