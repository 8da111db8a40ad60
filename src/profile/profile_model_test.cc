#include "profile/profile_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "cost/linear_fit.h"
#include "profile/priced_model.h"

namespace turbospec {
namespace {

// Steps of 8 rows, a price per attended token, and one per sequence.
Seconds Staircase(const PassShape& s) {
  return Seconds(0.004 * std::ceil(s.rows / 8.0) + 2e-8 * s.rows * s.mean_context +
                 2e-4 * std::log2(static_cast<double>(s.sequences)));
}

struct Bench {
  explicit Bench(PricedModel::Price price = Staircase,
                 FakeModelOptions options = {.slots = 8, .context_per_slot = 1024})
      : model(options, clock, std::move(price)) {}

  Result<ModelCosts> Profile(double budget = 45, ProfileMode mode = ProfileMode::kQuick) {
    return ProfileModel(model, clock, {.mode = mode, .budget = Seconds(budget)});
  }
  double Elapsed() const { return clock.Now().count(); }

  ManualClock clock;
  PricedModel model;
};

// The largest relative difference between what the surface says and what is true.
double WorstError(const CostTables& tables, const PricedModel::Price& truth) {
  const CostSurface surface = CostSurface::Create(tables).value();
  double worst = 0;
  for (const CostSample& sample : SamplesOf(tables, /*measured_only=*/false)) {
    worst = std::max(worst, std::abs(surface.At(sample.shape) / truth(sample.shape) - 1));
  }
  return worst;
}

// 75 ms for one row, 1.2 s for 32, nearly flat in context: a 1.1B model on two slow cores.
Seconds SlowModel(const PassShape& s) {
  return Seconds(0.038 + 0.037 * s.rows + 2e-6 * s.rows * s.mean_context);
}

TEST(ProfileModel, MeasuresTheTruth) {
  Bench bench;
  const auto costs = bench.Profile();
  ASSERT_TRUE(costs.ok()) << costs.error().message;
  EXPECT_EQ(costs->tables.spread_sequences, 8);
  EXPECT_GE(costs->tables.one.rows.back(), 96);
  EXPECT_GE(costs->tables.one.contexts.size(), 2U);
  EXPECT_LT(WorstError(costs->tables, Staircase), 0.01);
  EXPECT_TRUE(bench.model.clean());
}

TEST(ProfileModel, ChecksItselfOnShapesBetweenThePointsOfTheGrid) {
  Bench bench;
  const auto costs = bench.Profile();
  ASSERT_TRUE(costs.ok());
  ASSERT_GE(costs->checks.size(), 6U);
  for (const CostSample& check : costs->checks) {
    EXPECT_NEAR(check.seconds / Staircase(check.shape), 1, 1e-9);
  }
  const CostSurface surface = CostSurface::Create(costs->tables).value();
  const auto fit = FitLinear(SamplesOf(costs->tables, true)).value();
  const double of_surface =
      MeanAbsoluteError(costs->checks, [&](const auto& s) { return surface.At(s); });
  const double of_line =
      MeanAbsoluteError(costs->checks, [&](const auto& s) { return fit.Predict(s); });
  EXPECT_LT(of_surface, 0.05);
  EXPECT_GT(of_line, of_surface);
}

TEST(ProfileModel, DropsTheFirstRunAndPricesItsSurplus) {
  Bench bench;
  bench.model.first_use = Seconds(0.003);
  const auto costs = bench.Profile();
  ASSERT_TRUE(costs.ok());
  EXPECT_LT(WorstError(costs->tables, Staircase), 0.01);
  EXPECT_NEAR(costs->first_use.count(), 0.003, 1e-4);
}

TEST(ProfileModel, PricesAChangeOfShapeAndKeepsItOutOfTheTables) {
  Bench bench;
  bench.model.first_use = Seconds(0.003);
  bench.model.shape_change = Seconds(0.0007);
  const auto costs = bench.Profile();
  ASSERT_TRUE(costs.ok());
  EXPECT_NEAR(costs->shape_change.count(), 0.0007, 1e-6);
  EXPECT_LT(WorstError(costs->tables, Staircase), 0.01);
}

TEST(ProfileModel, TakesNoiseForNoChange) {
  RandomStream random(1);
  Bench bench([&](const PassShape& s) { return Staircase(s) * (0.9 + 0.2 * random.Uniform()); });
  const auto costs = bench.Profile();
  ASSERT_TRUE(costs.ok());
  EXPECT_LT(costs->shape_change.count(), 0.02 * 0.004);
}

TEST(ProfileModel, IsNotMisledByStalls) {
  int pass = 0;
  Bench bench([&](const PassShape& s) { return Staircase(s) * (++pass % 9 == 0 ? 20.0 : 1.0); });
  const auto costs = bench.Profile(60);
  ASSERT_TRUE(costs.ok());
  EXPECT_LT(WorstError(costs->tables, Staircase), 0.03);
}

TEST(ProfileModel, EndsInTimeOnASlowModel) {
  for (const int slots : {1, 4, 8, 16}) {
    for (const double budget : {45.0, 20.0}) {
      Bench bench(SlowModel, {.slots = slots, .context_per_slot = 2048});
      const auto costs = bench.Profile(budget);
      ASSERT_TRUE(costs.ok());
      EXPECT_LT(bench.Elapsed(), budget * 1.1) << slots << " slots";
      EXPECT_GT(bench.Elapsed(), budget * 0.3) << slots << " slots";
      EXPECT_GE(costs->tables.one.rows.back(), budget > 40 ? 32 : 16) << slots << " slots";
      EXPECT_TRUE(slots == 1 || costs->tables.spread.rows.back() >= 16) << slots << " slots";
      EXPECT_LT(WorstError(costs->tables, SlowModel), 0.02);
    }
  }
}

TEST(ProfileModel, MeasuresWhatItCanInNoTime) {
  Bench bench(SlowModel);
  const auto costs = bench.Profile(0.5);
  ASSERT_TRUE(costs.ok()) << costs.error().message;
  EXPECT_EQ(costs->tables.one.rows.front(), 1);
  EXPECT_LT(bench.Elapsed(), 5);
  EXPECT_TRUE(bench.model.clean());
}

TEST(ProfileModel, SurvivesAModelThatBecomesSlowerThanItSeemed) {
  double times = 1;
  int pass = 0;
  Bench bench([&](const PassShape& s) {
    if (++pass == 30) times = 4;
    return SlowModel(s) * times;
  });
  const auto costs = bench.Profile(45);
  ASSERT_TRUE(costs.ok());
  EXPECT_LT(bench.Elapsed(), 70);
  EXPECT_GT(costs->tables.spread_sequences, 1);
}

TEST(ProfileModel, MarksWhatItInferred) {
  Bench bench;
  const auto costs = bench.Profile();
  ASSERT_TRUE(costs.ok());
  const CostGrid& one = costs->tables.one;
  const auto marked = static_cast<std::size_t>(std::ranges::count(one.measured, 1));
  // The longest context has half of the row counts.
  EXPECT_LT(marked, one.measured.size());
  EXPECT_GT(marked, one.rows.size());
}

TEST(ProfileModel, MeasuresMoreInFullMode) {
  Bench quick, full;
  const auto few = quick.Profile(45), many = full.Profile(180, ProfileMode::kFull);
  ASSERT_TRUE(few.ok() && many.ok());
  EXPECT_GT(many->tables.one.seconds.size(), few->tables.one.seconds.size());
  EXPECT_GE(many->tables.one.contexts.size(), 3U);
  EXPECT_EQ(many->tables.one.rows.back(), 512);
  EXPECT_LT(WorstError(many->tables, Staircase), 0.01);
}

TEST(ProfileModel, StaysBelowTheRowsOfOnePass) {
  Bench bench;
  bench.model.max_rows_per_pass = 32;
  const auto costs = bench.Profile();
  ASSERT_TRUE(costs.ok());
  EXPECT_EQ(costs->tables.one.rows.back(), 32);
  EXPECT_EQ(costs->tables.spread.rows.back(), 32);
}

TEST(ProfileModel, WorksOnTheSmallestModels) {
  Bench bench(Staircase, {.slots = 1, .context_per_slot = 16, .max_rows_per_forward = 4});
  const auto costs = bench.Profile();
  ASSERT_TRUE(costs.ok()) << costs.error().message;
  EXPECT_EQ(costs->tables.one.rows, (std::vector<int>{1, 2, 3, 4}));
  EXPECT_EQ(costs->tables.spread_sequences, 1);
  EXPECT_TRUE(bench.model.clean());
}

TEST(ProfileModel, MeasuresRaggedModelsToo) {
  Bench bench(Staircase, {.slots = 4, .context_per_slot = 512, .batch_rule = BatchRule::kOnePass});
  const auto costs = bench.Profile();
  ASSERT_TRUE(costs.ok());
  EXPECT_LT(WorstError(costs->tables, Staircase), 0.01);
}

TEST(ProfileModel, SaysWhichPassFailedAndLeavesTheModelClean) {
  for (const int failing_rows : {1, 8, 40}) {
    Bench bench;
    bench.model.fails = [=](auto rows) { return std::ssize(rows) == failing_rows; };
    const auto costs = bench.Profile();
    ASSERT_FALSE(costs.ok()) << failing_rows;
    const std::string& message = costs.error().message;
    EXPECT_NE(message.find("a pass of " + std::to_string(failing_rows) + " rows"),
              std::string::npos)
        << message;
    EXPECT_NE(message.find("injected fault"), std::string::npos) << message;
    EXPECT_TRUE(bench.model.clean());
  }
}

TEST(ProfileModel, CanBeCancelledAfterAnyPass) {
  for (const int stop_at : {1, 2, 10, 200}) {
    Bench bench;
    int calls = 0;
    double done = 0;
    const auto costs =
        ProfileModel(bench.model, bench.clock, {}, [&](const ProfileProgress& progress) {
          EXPECT_GE(progress.done, 0);
          EXPECT_LT(progress.done, 1);
          done = progress.done;
          return ++calls < stop_at;
        });
    ASSERT_FALSE(costs.ok());
    EXPECT_EQ(costs.error().code, ErrorCode::kCancelled);
    EXPECT_EQ(bench.model.passes(), stop_at);
    EXPECT_TRUE(bench.model.clean());
  }
}

TEST(ProfileModel, RefusesWhatItCannotMeasure) {
  Bench in_use;
  const Row row = {.slot = 2, .position = 0, .token = 1};
  ASSERT_TRUE(in_use.model.Forward({&row, 1}).ok());
  EXPECT_EQ(in_use.Profile().error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(in_use.model.Length(2), 1);
  Bench fixed(Staircase, {.can_truncate = false});
  EXPECT_EQ(fixed.Profile().error().code, ErrorCode::kUnsupported);
  Bench bench;
  EXPECT_FALSE(bench.Profile(0).ok());
  EXPECT_FALSE(bench.Profile(std::nan("")).ok());
  Bench stopped_clock([](const PassShape&) { return Seconds(0); });
  EXPECT_NE(stopped_clock.Profile().error().message.find("clock"), std::string::npos);
}

}  // namespace
}  // namespace turbospec
