#include "model/llama/llama_model.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "core/random.h"
#include "model/llama/llama_models_fixture.h"

namespace turbospec {
namespace {

using Logits = std::vector<float>;
using Rows = std::vector<int>;

// Kernels round differently with the number of rows and the cells they lie in, and 8-bit
// activations make steps of that. Logits span about 20; a wrong token moves them by several.
constexpr float kRounding = 0.5f;

TokenId TokenAt(SlotId slot, int position) {
  return 300 + (slot * 97 + position * 31) % 3000;
}

// A pass costs as much as six rows.
PassCost DearPasses() {
  return [](int /*sequences*/, int rows, double /*mean_context*/) { return Seconds(6 + rows); };
}

class LlamaModelTest : public LlamaFixture {
 protected:
  // rows_by_slot[s] rows for slot s, going on where it stands; all want logits.
  static std::vector<Row> RowsOf(const LlamaModel& model, const Rows& rows_by_slot) {
    std::vector<Row> rows;
    for (SlotId s = 0; s < std::ssize(rows_by_slot); ++s) {
      for (int i = 0; i < rows_by_slot[static_cast<std::size_t>(s)]; ++i) {
        const int position = model.Length(s) + i;
        rows.push_back({s, position, TokenAt(s, position), true});
      }
    }
    return rows;
  }

  static void Advance(LlamaModel& model, const Rows& rows_by_slot) {
    const Status done = model.Forward(RowsOf(model, rows_by_slot));
    ASSERT_TRUE(done.ok()) << done.error().message;
  }

  static Logits Copy(const LlamaModel& model, int row) {
    const auto logits = model.Logits(row);
    return {logits.begin(), logits.end()};
  }

  static float Distance(const Logits& a, const Logits& b) {
    EXPECT_EQ(a.size(), b.size());
    float largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
  }

  static std::string ErrorOf(LlamaModel& model, const std::vector<Row>& rows) {
    const Status status = model.Forward(rows);
    return status.ok() ? "" : status.error().message;
  }
};

TEST_F(LlamaModelTest, DescribesItself) {
  const auto model = Open({.slots = 3, .context_per_slot = 100, .max_rows_per_forward = 64});
  const ModelInfo& info = model->info();
  EXPECT_EQ(info.name, "storypair-draft-q8_0");
  EXPECT_EQ(info.vocabulary_size, 4096);
  EXPECT_EQ(info.slots, 3);
  EXPECT_EQ(info.context_per_slot, 100);
  EXPECT_EQ(info.max_rows_per_forward, 64);
  EXPECT_EQ(info.max_logits_per_forward, 64);
  EXPECT_EQ(info.batch_rule, BatchRule::kEqualLength);
  EXPECT_TRUE(info.can_truncate);
  EXPECT_EQ(model->Length(2), 0);
}

TEST_F(LlamaModelTest, TakesTheTrainedContextWhenNoneIsAsked) {
  EXPECT_EQ(Open({.slots = 1})->info().context_per_slot, 512);
}

TEST_F(LlamaModelTest, TheFingerprintFollowsWeightsAndSettings) {
  const auto print = [&](LlamaModelOptions options, const std::string& path = DraftPath()) {
    return Open(options, path)->info().fingerprint;
  };
  const auto base = print({});
  EXPECT_EQ(print({.slots = 2, .context_per_slot = 256}), base);
  EXPECT_NE(print({.kv_type = "q8_0"}), base);
  EXPECT_NE(print({.unified_kv = true}), base);
  EXPECT_NE(print({}, TargetPath()), base);
}

TEST_F(LlamaModelTest, EverySlotHoldsAllOfItsContext) {
  for (const bool unified : {false, true}) {
    const auto model = Open({.slots = 3, .context_per_slot = 300, .unified_kv = unified});
    for (const Rows& rows : {Rows{300, 0, 0}, Rows{0, 300, 0}, Rows{0, 0, 300}}) {
      Advance(*model, rows);
    }
    EXPECT_EQ(model->Length(1), 300);
    EXPECT_NE(ErrorOf(*model, {{1, 300, 5, true}}).find("slot is full"), std::string::npos);
  }
}

TEST_F(LlamaModelTest, RedoneRowsGiveTheSameLogits) {
  const auto model = Open({.slots = 2, .context_per_slot = 256}, TargetPath());
  Advance(*model, {20, 20});
  Advance(*model, {4, 4});
  const Logits before = Copy(*model, 6);
  ASSERT_TRUE(model->Truncate(0, 20).ok());
  ASSERT_TRUE(model->Truncate(1, 20).ok());
  EXPECT_EQ(model->Length(1), 20);
  Advance(*model, {4, 4});
  EXPECT_EQ(Copy(*model, 6), before);
}

TEST_F(LlamaModelTest, ATruncatedTailLeavesNoTrace) {
  const auto model = Open({.slots = 1, .context_per_slot = 256});
  Advance(*model, {8});
  std::vector<Row> wrong = {{0, 8, 77, false}, {0, 9, 78, false}};
  ASSERT_TRUE(model->Forward(wrong).ok());
  ASSERT_TRUE(model->Truncate(0, 8).ok());
  Advance(*model, {1});
  const Logits with = Copy(*model, 0);
  ASSERT_TRUE(model->Truncate(0, 0).ok());
  EXPECT_EQ(model->Length(0), 0);
  Advance(*model, {8});
  Advance(*model, {1});
  EXPECT_EQ(Copy(*model, 0), with);
}

TEST_F(LlamaModelTest, ARowAloneEqualsTheRowInABatchWithinTolerance) {
  for (const bool unified : {false, true}) {
    const LlamaModelOptions options{.slots = 4, .context_per_slot = 256, .unified_kv = unified};
    const auto together = Open(options, TargetPath());
    const auto alone = Open(options, TargetPath());
    Advance(*together, {12, 9, 14, 11});
    Advance(*together, {3, 3, 3, 3});
    Advance(*alone, {0, 0, 14, 0});
    for (int i = 0; i < 3; ++i) {
      Advance(*alone, {0, 0, 1, 0});
      EXPECT_LT(Distance(Copy(*alone, 0), Copy(*together, 6 + i)), kRounding)
          << "unified " << unified;
    }
  }
}

TEST_F(LlamaModelTest, FillersChangeNothingButThePasses) {
  const auto plain = Open({.slots = 3, .context_per_slot = 256});
  const auto filling = Open({.slots = 3, .context_per_slot = 256});
  EXPECT_FALSE(filling->info().fills_gaps);
  filling->FillGaps(DearPasses());
  EXPECT_TRUE(filling->info().fills_gaps);
  for (LlamaModel* model : {plain.get(), filling.get()}) {
    Advance(*model, {10, 6, 10});
    Advance(*model, {2, 0, 2});
  }
  EXPECT_EQ(plain->Passes(Rows{2, 0, 2}).size(), 2u);
  EXPECT_EQ(filling->Passes(Rows{2, 0, 2}).size(), 1u);
  EXPECT_LT(Distance(Copy(*plain, 3), Copy(*filling, 3)), kRounding);
  EXPECT_EQ(filling->Length(1), 6);
  for (LlamaModel* model : {plain.get(), filling.get()}) Advance(*model, {0, 1, 0});
  EXPECT_LT(Distance(Copy(*plain, 0), Copy(*filling, 0)), kRounding) << "the filled slot";
  filling->FillGaps({});
  EXPECT_EQ(filling->Passes(Rows{2, 0, 2}).size(), 2u);
  // Dear passes where the context is short, free ones where it is long.
  filling->FillGaps([](int /*sequences*/, int rows, double mean_context) {
    return Seconds(rows + (mean_context < 20 ? 6 : 0));
  });
  EXPECT_EQ(filling->Passes(Rows{1, 0, 1}).size(), 1u);
  for (int i = 0; i < 4; ++i) Advance(*filling, {8, 0, 8});
  EXPECT_EQ(filling->Passes(Rows{1, 0, 1}).size(), 2u);
}

TEST_F(LlamaModelTest, GivesLogitsOfTheRowsThatWantThem) {
  const auto model = Open({.slots = 2, .context_per_slot = 256});
  std::vector<Row> rows = RowsOf(*model, {3, 2});
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].wants_logits = i % 2 == 0;
  ASSERT_TRUE(model->Forward(rows).ok());
  EXPECT_EQ(model->Logits(0).size(), 4096u);
  EXPECT_TRUE(model->Logits(1).empty());
  EXPECT_EQ(model->Logits(4).size(), 4096u);
  EXPECT_TRUE(model->Logits(5).empty());
  EXPECT_TRUE(model->Logits(-1).empty());
  EXPECT_NE(Copy(*model, 0), Copy(*model, 4));
}

TEST_F(LlamaModelTest, ComputesAPromptThatWantsNoLogits) {
  const auto model = Open({.slots = 1, .context_per_slot = 256, .count_passes = true});
  std::vector<Row> rows = RowsOf(*model, {40});
  for (Row& row : rows) row.wants_logits = false;
  ASSERT_TRUE(model->Forward(rows).ok());
  EXPECT_EQ(model->Length(0), 40);
  EXPECT_EQ(model->computed_passes(), 1);
}

TEST_F(LlamaModelTest, RefusesBatchesThatBreakThePort) {
  const auto model = Open(
      {.slots = 2, .context_per_slot = 64, .max_rows_per_forward = 8, .max_logits_per_forward = 2});
  EXPECT_NE(ErrorOf(*model, {}), "");
  EXPECT_NE(ErrorOf(*model, {{2, 0, 5, true}}), "");
  EXPECT_NE(ErrorOf(*model, {{-1, 0, 5, true}}), "");
  EXPECT_NE(ErrorOf(*model, {{0, 1, 5, true}}), "");
  EXPECT_NE(ErrorOf(*model, {{0, 0, 4096, true}}), "");
  EXPECT_NE(ErrorOf(*model, {{1, 0, 5, true}, {0, 0, 5, true}}), "");
  EXPECT_NE(ErrorOf(*model, {{0, 0, 5, true}, {0, 2, 5, true}}), "");
  EXPECT_NE(ErrorOf(*model, std::vector<Row>(9, Row{0, 0, 5, false})), "");
  EXPECT_NE(ErrorOf(*model, RowsOf(*model, {3, 0})), "") << "three want logits";
  EXPECT_EQ(model->Length(0), 0);
  EXPECT_EQ(ErrorOf(*model, RowsOf(*model, {1, 1})), "");
}

TEST_F(LlamaModelTest, AFaultLeavesEverySlotAsItWas) {
  std::atomic<int> asked = 0;
  std::atomic<int> fail_at = -1;  // the question that is answered with "stop"; -1 = none
  const auto model =
      Open({.slots = 4, .context_per_slot = 256, .max_rows_per_pass = 8, .cancelled = [&] {
              return asked++ == fail_at;
            }});
  model->FillGaps(DearPasses());
  Advance(*model, {6, 5, 7, 0});
  const Rows ragged = {3, 1, 0, 12};
  asked = 0;
  Advance(*model, ragged);
  const Logits expected = Copy(*model, 15);
  const int questions = asked;
  ASSERT_GT(questions, 2);
  for (const int share : {0, 1, 2, 3}) {
    for (SlotId s = 0; s < 4; ++s) ASSERT_TRUE(model->Truncate(s, Rows{6, 5, 7, 0}[s]).ok());
    asked = 0;
    fail_at = (questions - 1) * share / 3;
    const Status failed = model->Forward(RowsOf(*model, ragged));
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().code, ErrorCode::kCancelled);
    EXPECT_TRUE(model->Logits(0).empty());
    EXPECT_EQ(model->Length(0), 6);
    EXPECT_EQ(model->Length(3), 0);
    fail_at = -1;
    // libllama may put the rows into other cells now, which rounds attention sums differently.
    Advance(*model, ragged);
    EXPECT_LT(Distance(Copy(*model, 15), expected), kRounding) << "stopped at " << share << "/3";
    ASSERT_TRUE(model->Truncate(3, 0).ok());
    Advance(*model, {0, 0, 0, 12});
    EXPECT_LT(Distance(Copy(*model, 11), expected), kRounding) << "stopped at " << share << "/3";
  }
}

TEST_F(LlamaModelTest, ReusesTheGraphOfASteadyShape) {
  const auto model = Open({.slots = 2, .context_per_slot = 256});
  for (int i = 0; i < 10; ++i) Advance(*model, {2, 2});
  EXPECT_GE(model->reused_graphs(), 5);
}

TEST_F(LlamaModelTest, RunsWithEveryKvType) {
  for (const char* type : {"f32", "f16", "bf16", "q8_0", "q4_0"}) {
    const auto model = Open({.slots = 2, .context_per_slot = 256, .kv_type = type});
    ASSERT_NE(model, nullptr) << type;
    Advance(*model, {5, 5});
    EXPECT_TRUE(std::isfinite(model->Logits(9)[0])) << type;
  }
}

TEST_F(LlamaModelTest, RefusesOptionsThatCannotWork) {
  for (const LlamaModelOptions& options :
       {LlamaModelOptions{.slots = 0}, LlamaModelOptions{.slots = 100000},
        LlamaModelOptions{.context_per_slot = -1}, LlamaModelOptions{.threads = -2},
        LlamaModelOptions{.kv_type = "q3"}, LlamaModelOptions{.max_rows_per_pass = 2},
        LlamaModelOptions{.kv_type = "q8_0", .flash_attention = false},
        LlamaModelOptions{.max_rows_per_forward = 1}}) {
    const auto model = LlamaModel::Create(Load(DraftPath()), options);
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().code, ErrorCode::kInvalidArgument) << model.error().message;
  }
}

TEST_F(LlamaModelTest, SaysHowMuchMemoryItLacks) {
  const auto model =
      LlamaModel::Create(Load(DraftPath()), {.slots = 64, .context_per_slot = 1 << 24});
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kResourceExhausted);
  EXPECT_NE(model.error().message.find("GiB"), std::string::npos) << model.error().message;
}

// Passes() is what libllama really computes.
class Decomposition : public LlamaModelTest {
 protected:
  void Compare(LlamaModelOptions options, bool fill, const std::vector<Rows>& batches) {
    options.context_per_slot = 256;
    options.count_passes = true;
    const auto model = Open(options);
    if (fill) model->FillGaps(DearPasses());
    for (Rows rows : batches) {
      rows.resize(static_cast<std::size_t>(options.slots), 0);
      const auto expected = static_cast<std::int64_t>(model->Passes(rows).size());
      const auto before = model->computed_passes();
      Advance(*model, rows);
      EXPECT_EQ(model->computed_passes() - before, expected)
          << testing::PrintToString(rows) << " unified " << options.unified_kv << " fill " << fill;
      for (SlotId s = 0; s < options.slots; ++s) {
        ASSERT_TRUE(model->Truncate(s, model->Length(s) * 3 / 4).ok());
      }
    }
  }

  void CompareInAllModes(int slots, int rows_per_pass, const std::vector<Rows>& batches) {
    for (const bool unified : {false, true}) {
      for (const bool fill : {false, true}) {
        Compare({.slots = slots,
                 .unified_kv = unified,
                 .max_rows_per_forward = 128,
                 .max_rows_per_pass = rows_per_pass},
                fill, batches);
      }
    }
  }
};

TEST_F(Decomposition, OfCompactBatches) {
  CompareInAllModes(4, 0, {{1, 1, 1, 1}, {4, 4, 4, 4}, {2, 2}, {1}});
}

TEST_F(Decomposition, OfGappedBatches) {
  CompareInAllModes(8, 0, {{1, 0, 1, 0, 1, 0, 1}, {2, 0, 0, 2}, {0, 3, 3, 0, 3}, {5, 0, 5, 5}});
}

TEST_F(Decomposition, OfRaggedBatches) {
  CompareInAllModes(8, 0, {{8, 1, 3, 5, 2, 4, 6, 7}, {1, 5, 1, 5}, {1, 1, 1, 1, 1, 1, 1, 9}});
}

TEST_F(Decomposition, OfReversedLengths) {
  CompareInAllModes(4, 0, {{5, 5, 1, 1}, {1, 1, 5, 5}, {7, 5, 3, 1}, {1, 3, 5, 7}});
}

TEST_F(Decomposition, OfLongPrefills) {
  CompareInAllModes(4, 16, {{100}, {1, 70, 1}, {1, 1, 33, 40}, {17, 0, 17}});
}

TEST_F(Decomposition, OfWhateverComes) {
  RandomStream random(11);
  std::vector<Rows> batches;
  for (int round = 0; round < 40; ++round) {
    Rows rows(6);
    for (int& n : rows) n = random.Uniform() < 0.4 ? 0 : 1 + static_cast<int>(6 * random.Uniform());
    rows[0] += *std::max_element(rows.begin(), rows.end()) == 0 ? 1 : 0;
    batches.push_back(rows);
  }
  CompareInAllModes(6, 12, batches);
}

}  // namespace
}  // namespace turbospec
