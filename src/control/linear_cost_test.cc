#include "control/linear_cost.h"

#include <gtest/gtest.h>

#include <vector>

namespace turbospec {
namespace {

constexpr LinearCost kTruth{.per_kv = Seconds(5e-8),
                            .per_row = Seconds(2e-5),
                            .per_sequence = Seconds(-4e-5),
                            .fixed = Seconds(7e-3)};

std::vector<LinearSample> SamplesOf(const LinearCost& line, const std::vector<int>& rows_each) {
  std::vector<LinearSample> samples;
  for (const int sequences : {1, 4, 16, 64}) {
    for (const int rows : rows_each) {
      for (const double context : {128.0, 512.0}) {
        samples.push_back({.sequences = sequences,
                           .rows = rows * sequences,
                           .context = context,
                           .seconds = line.Predict(sequences, rows * sequences, context)});
      }
    }
  }
  return samples;
}

TEST(LinearCost, AddsItsFourTerms) {
  // 5e-8 * 2 * 1000 + 2e-5 * 10 - 4e-5 * 2 + 7e-3
  EXPECT_NEAR(kTruth.Predict(2, 10, 1000).count(), 0.00722, 1e-12);
}

TEST(LinearCost, NeverPredictsNegativeTime) {
  constexpr LinearCost falling{.per_sequence = Seconds(-1), .fixed = Seconds(3)};
  EXPECT_EQ(falling.Predict(10, 10, 0).count(), 0);
}

TEST(LinearFit, FindsALineFromItsPoints) {
  const auto fitted = FitLinearCost(SamplesOf(kTruth, {1, 2, 6}));
  ASSERT_TRUE(fitted.ok());
  EXPECT_NEAR(fitted->per_kv.count(), kTruth.per_kv.count(), 1e-14);
  EXPECT_NEAR(fitted->per_row.count(), kTruth.per_row.count(), 1e-11);
  EXPECT_NEAR(fitted->per_sequence.count(), kTruth.per_sequence.count(), 1e-11);
  EXPECT_NEAR(fitted->fixed.count(), kTruth.fixed.count(), 1e-10);
}

TEST(LinearFit, GivesUpTheSequencesWhereRowsSayTheSame) {
  const auto fitted = FitLinearCost(SamplesOf(kTruth, {1}));
  ASSERT_TRUE(fitted.ok());
  EXPECT_EQ(fitted->per_sequence.count(), 0);
  EXPECT_NEAR(fitted->per_row.count(), (kTruth.per_row + kTruth.per_sequence).count(), 1e-11);
  EXPECT_NEAR(fitted->Predict(8, 8, 300).count(), kTruth.Predict(8, 8, 300).count(), 1e-10);
}

TEST(LinearFit, OnePassGivesAConstant) {
  const std::vector<LinearSample> one = {
      {.sequences = 1, .rows = 1, .context = 10, .seconds = Seconds(0.02)}};
  const auto fitted = FitLinearCost(one);
  ASSERT_TRUE(fitted.ok());
  EXPECT_NEAR(fitted->Predict(1, 1, 10).count(), 0.02, 1e-12);
  EXPECT_NEAR(fitted->Predict(9, 40, 10).count(), 0.02, 1e-12);
}

TEST(LinearFit, RefusesNoPassesAndTimesThatAreNone) {
  EXPECT_FALSE(FitLinearCost({}).ok());
  for (const double seconds : {0.0, -1.0, 1.0 / 0.0, 0.0 / 0.0}) {
    const std::vector<LinearSample> bad = {
        {.sequences = 1, .rows = 1, .context = 1, .seconds = Seconds(seconds)}};
    EXPECT_FALSE(FitLinearCost(bad).ok()) << seconds;
  }
}

}  // namespace
}  // namespace turbospec
