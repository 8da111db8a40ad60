#include "cost/linear_fit.h"

#include <gtest/gtest.h>

#include "cost/cost_fixture.h"

namespace turbospec {
namespace {

TEST(LinearFit, FindsTheCoefficientsOfALinearMachine) {
  const auto machine = [](const PassShape& s) {
    return Seconds(0.02 + 0.003 * s.rows + 2e-6 * s.sequences * s.mean_context +
                   0.0004 * s.sequences);
  };
  const auto samples = SamplesOf(TablesOf(machine, kContexts, kRows, 8), true);
  const LinearFit fit = FitLinear(samples).value();
  EXPECT_NEAR(fit.fixed.count(), 0.02, 1e-9);
  EXPECT_NEAR(fit.per_row.count(), 0.003, 1e-9);
  EXPECT_NEAR(fit.per_kv.count(), 2e-6, 1e-12);
  EXPECT_NEAR(fit.per_sequence.count(), 0.0004, 1e-9);
  EXPECT_LT(MeanAbsoluteError(samples, [&](const PassShape& s) { return fit.Predict(s); }), 1e-9);
}

TEST(LinearFit, MissesAStaircaseThatTheSurfaceKeeps) {
  const CostTables tables = TablesOf(Staircase, kContexts, kRows, 8);
  const auto samples = SamplesOf(tables, true);
  const LinearFit fit = FitLinear(samples).value();
  const CostSurface surface = CostSurface::Create(tables).value();
  const double line = MeanAbsoluteError(samples, [&](const auto& s) { return fit.Predict(s); });
  EXPECT_GT(line, 0.05);
  EXPECT_LT(MeanAbsoluteError(samples, [&](const auto& s) { return surface.At(s); }), line / 100);
}

TEST(LinearFit, LeavesOutWhatTheSamplesCannotTell) {
  std::vector<CostSample> samples;
  for (const int rows : {1, 2, 4}) samples.push_back({One(rows), Line(One(rows))});
  const LinearFit fit = FitLinear(samples).value();
  EXPECT_EQ(fit.per_sequence.count(), 0);
  EXPECT_EQ(fit.per_kv.count(), 0);
  EXPECT_NEAR(fit.Predict(One(3)).count(), Line(One(3)).count(), 1e-9);
  EXPECT_NEAR(FitLinear(std::span(samples).first(1)).value().Predict(One(1)).count(), 0.006, 1e-9);
}

TEST(LinearFit, NeedsSamples) {
  EXPECT_FALSE(FitLinear({}).ok());
}

}  // namespace
}  // namespace turbospec
