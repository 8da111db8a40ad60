#include "cost/step_cost.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "core/random.h"
#include "cost/cost_fixture.h"

namespace turbospec {
namespace {

TEST(HostCost, LearnsTheCostPerStepAndPerRow) {
  HostCost host;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const int rows = 1 + static_cast<int>(40 * UniformAt(3, i));
    host.Observe(rows, Seconds(100e-6 + 7e-6 * rows));
  }
  EXPECT_NEAR(host.rates().per_step.count(), 100e-6, 5e-6);
  EXPECT_NEAR(host.rates().per_row.count(), 7e-6, 0.5e-6);
}

TEST(HostCost, HardlyNoticesAStall) {
  HostCost host;
  for (int i = 0; i < 300; ++i) host.Observe(8, Seconds(50e-6));
  host.Observe(8, Seconds(2));
  EXPECT_NEAR(host.Predict(8).count(), 50e-6, 2e-6);
}

TEST(HostCost, FollowsAMachineThatBecameTenTimesSlower) {
  HostCost host;
  for (int i = 0; i < 200; ++i) host.Observe(8, Seconds(50e-6));
  for (int i = 0; i < 1000; ++i) host.Observe(8, Seconds(500e-6));
  EXPECT_NEAR(host.Predict(8).count(), 500e-6, 25e-6);
}

TEST(HostCost, NeverPredictsLessThanNothing) {
  HostCost host;
  for (int i = 0; i < 500; ++i) {
    host.Observe(1, Seconds(100e-6));
    host.Observe(64, Seconds(0));
  }
  EXPECT_GE(host.Predict(1000).count(), 0);
  for (int i = 0; i < 500; ++i) {
    host.Observe(10, Seconds(0));
    host.Observe(64, Seconds(1e-3));
  }
  EXPECT_GE(host.Predict(0).count(), 0);
}

TEST(HostCost, IgnoresWhatCannotBeMeasured) {
  HostCost host;
  host.Observe(-1, Seconds(1));
  host.Observe(1, Seconds(-1));
  host.Observe(1, Seconds(std::nan("")));
  EXPECT_EQ(host.rates(), HostRates{});
}

TEST(StepCost, KeepsTargetAndDraftApart) {
  StepCost cost(CostModel(SurfaceOf(Staircase)), CostModel(SurfaceOf(Line)), HostCost());
  const std::array<PassShape, 1> pass = {One(4)};
  for (int i = 0; i < 40; ++i) {
    cost.ObserveTarget(pass, 2 * Staircase(pass[0]));
    cost.ObserveDraft(pass, Line(pass[0]));
  }
  EXPECT_NEAR(cost.Target(One(8)) / Staircase(One(8)), 2, 0.05);
  EXPECT_NEAR(cost.Draft(One(8)) / Line(One(8)), 1, 0.05);
  EXPECT_EQ(cost.target().error().observations(), 40);
}

TEST(StepCost, DoesWithoutADraftModel) {
  StepCost cost(CostModel(SurfaceOf(Staircase)), std::nullopt, HostCost());
  const std::array<PassShape, 1> pass = {One(4)};
  cost.ObserveDraft(pass, Seconds(1));
  EXPECT_FALSE(cost.has_draft());
  EXPECT_EQ(cost.draft(), nullptr);
}

}  // namespace
}  // namespace turbospec
