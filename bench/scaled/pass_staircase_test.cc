#include "bench/scaled/pass_staircase.h"

#include <gtest/gtest.h>

#include <utility>

#include "model/fake_model.h"

namespace turbospec {
namespace {

// A pass takes 10 ms for every four rows begun, one more for every sequence, and every `slow_every`
// calls a second more.
class StairModel final : public Model {
 public:
  StairModel(const FakeModelOptions& options, ManualClock& clock, int slow_every = 0)
      : model_(options, HashedLanguage(1, 2)), clock_(clock), slow_every_(slow_every) {}

  const ModelInfo& info() const override { return model_.info(); }
  Status Forward(std::span<const Row> rows) override {
    const auto count = static_cast<int>(rows.size());
    const int sequences = rows.back().slot - rows.front().slot + 1;
    clock_.Advance(Seconds{0.010 * ((count + 3) / 4) + 0.001 * sequences});
    if (rows.back().wants_logits && slow_every_ > 0 && ++calls_ % slow_every_ == 0) {
      clock_.Advance(Seconds{1});
    }
    return model_.Forward(rows);
  }
  std::span<const float> Logits(int row) const override { return model_.Logits(row); }
  int Length(SlotId slot) const override { return model_.Length(slot); }
  Status Truncate(SlotId slot, int length) override { return model_.Truncate(slot, length); }
  std::vector<Pass> Passes(std::span<const int> rows) const override { return model_.Passes(rows); }

 private:
  FakeModel model_;
  ManualClock& clock_;
  int slow_every_;
  int calls_ = 0;
};

TEST(PassStaircase, MeasuresBothFormsAtEveryRowCount) {
  ManualClock clock;
  StairModel model({.slots = 8, .context_per_slot = 32, .max_rows_per_forward = 16}, clock);
  const auto stairs =
      MeasureStaircase(model, clock, {.rows = {1, 4, 5, 8}, .context = 20, .rounds = 3});
  ASSERT_TRUE(stairs.ok()) << stairs.error().message;
  ASSERT_EQ(stairs->size(), 4u);
  const double one_sequence[] = {0.011, 0.011, 0.021, 0.021};
  const double one_row_each[] = {0.011, 0.014, 0.025, 0.028};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR((*stairs)[i].one_sequence.median.count(), one_sequence[i], 1e-9) << i;
    EXPECT_NEAR((*stairs)[i].one_row_each.median.count(), one_row_each[i], 1e-9) << i;
  }
  EXPECT_EQ((*stairs)[2].rows, 5);
  for (SlotId slot = 0; slot < 8; ++slot) EXPECT_EQ(model.Length(slot), 20);
}

// Two counts in two forms make four timed calls a round; every fifth call is slow, so a slow one
// meets each series at most once in five rounds.
TEST(PassStaircase, OneStallDoesNotMoveTheMedian) {
  ManualClock clock;
  StairModel model({.slots = 2, .context_per_slot = 32}, clock, /*slow_every=*/5);
  const auto stairs = MeasureStaircase(model, clock, {.rows = {1, 2}, .context = 8, .rounds = 5});
  ASSERT_TRUE(stairs.ok());
  EXPECT_NEAR((*stairs)[0].one_sequence.median.count(), 0.011, 1e-9);
  EXPECT_NEAR((*stairs)[0].one_sequence.fastest.count(), 0.011, 1e-9);
  EXPECT_GT((*stairs)[0].one_sequence.slowest.count(), 1);
}

TEST(PassStaircase, RefusesAModelWithTooFewSlots) {
  ManualClock clock;
  StairModel model({.slots = 2, .context_per_slot = 32}, clock);
  const auto stairs = MeasureStaircase(model, clock, {.rows = {4}, .context = 8});
  ASSERT_FALSE(stairs.ok());
  EXPECT_NE(stairs.error().message.find("needs 4 slots of 12 tokens; fake has 2 of 32"),
            std::string::npos)
      << stairs.error().message;
  EXPECT_FALSE(MeasureStaircase(model, clock, {.rows = {}}).ok());
}

}  // namespace
}  // namespace turbospec
