#include "model/llama/scaled_gguf.h"

#include <gguf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

#include "model/llama/llama_models_fixture.h"
#include "model/llama/scaled_header.h"

namespace turbospec {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLike = "512x10x1536x12x4";
constexpr int kTokens = 32;
// Logits span about 20. Gains that shrink by no power of two round differently, and where
// activations are cut to 8 bits that moves a logit by up to 0.14.
constexpr float kRounding = 0.3F;

const std::vector<std::string>& Prompts() {
  static const std::vector<std::string> prompts = {
      "Once upon a time, there was a little girl named Lily.",
      "<|user|>\nWrite a story about a fox named Rusty.\n<|assistant|>\n",
      "Tom and his sister were playing in the garden when",
      "<|user|>\nChange the age of Tom to 9 in this JSON:\n[\n  {\"id\": 1, \"name\": \"Tom\", "
      "\"age\": 4, \"city\": \"Rome\"}\n]\n<|assistant|>\n",
  };
  return prompts;
}

GgufContext Header(const std::string& path) {
  return GgufContext(gguf_init_from_file(path.c_str(), {.no_alloc = true, .ctx = nullptr}));
}

std::uint32_t Number(const GgufContext& gguf, const char* key) {
  const std::int64_t id = gguf_find_key(gguf.get(), key);
  EXPECT_GE(id, 0) << key;
  return id < 0 ? 0 : gguf_get_val_u32(gguf.get(), id);
}

std::string Text(const GgufContext& gguf, const char* key) {
  const std::int64_t id = gguf_find_key(gguf.get(), key);
  EXPECT_GE(id, 0) << key;
  return id < 0 ? "" : gguf_get_val_str(gguf.get(), id);
}

std::string FileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The bytes of a tensor.
std::string Data(const std::string& path, const GgufContext& gguf, const char* name) {
  const std::int64_t id = gguf_find_tensor(gguf.get(), name);
  EXPECT_GE(id, 0) << name;
  return FileText(path).substr(
      gguf_get_data_offset(gguf.get()) + gguf_get_tensor_offset(gguf.get(), id),
      gguf_get_tensor_size(gguf.get(), id));
}

class ScaledGgufTest : public LlamaFixture {
 protected:
  void SetUp() override {
    LlamaFixture::SetUp();
    folder_ = fs::path(testing::TempDir()) / "turbospec_scaled_gguf";
    fs::remove_all(folder_);
    fs::create_directory(folder_);
    output_ = (folder_ / "large.gguf").string();
  }
  void TearDown() override { fs::remove_all(folder_); }

  void Scale(const std::string& source, const std::string& type = "q8_0",
             const std::string& like = kLike) {
    const auto model = ScaleGguf({.source = source, .output = output_, .like = like, .type = type});
    ASSERT_TRUE(model.ok()) << model.error().message;
    EXPECT_EQ(model->file_bytes, fs::file_size(output_));
  }

  static std::vector<float> Next(LlamaModel& model, std::span<const TokenId> tokens) {
    std::vector<Row> rows;
    for (const TokenId token : tokens) {
      rows.push_back({0, model.Length(0) + static_cast<int>(rows.size()), token, false});
    }
    rows.back().wants_logits = true;
    const Status done = model.Forward(rows);
    EXPECT_TRUE(done.ok()) << done.error().message;
    const auto logits = model.Logits(static_cast<int>(rows.size()) - 1);
    return {logits.begin(), logits.end()};
  }

  static TokenId Likeliest(const std::vector<float>& logits) {
    return static_cast<TokenId>(std::ranges::max_element(logits) - logits.begin());
  }

  // The small model writes greedily; the large one is shown the same text and must agree at every
  // token: no logit further away than `tolerance`, and another choice only where two are as near.
  void ExpectSameText(const std::string& source, float tolerance, std::size_t prompts = 4) {
    const LlamaModelOptions options = {.slots = 1, .context_per_slot = 256};
    auto small = Open(options, source);
    auto large = Open(options, output_);
    ASSERT_TRUE(small && large);
    auto tokenizer = LlamaTokenizer(Load(output_));
    float furthest = 0;
    int other_choices = 0;
    for (const std::string& prompt : std::span(Prompts()).first(prompts)) {
      ASSERT_TRUE(small->Truncate(0, 0).ok() && large->Truncate(0, 0).ok());
      std::vector<TokenId> feed = *tokenizer.Encode(prompt, {.parse_special = true});
      for (int i = 0; i < kTokens; ++i) {
        const std::vector<float> expected = Next(*small, feed);
        const std::vector<float> found = Next(*large, feed);
        ASSERT_EQ(expected.size(), found.size());
        for (std::size_t t = 0; t < found.size(); ++t) {
          furthest = std::max(furthest, std::abs(found[t] - expected[t]));
        }
        const TokenId choice = Likeliest(expected);
        const TokenId other = Likeliest(found);
        other_choices += choice == other ? 0 : 1;
        EXPECT_LE(
            expected[static_cast<std::size_t>(choice)] - expected[static_cast<std::size_t>(other)],
            2 * tolerance);
        feed = {choice};
      }
    }
    EXPECT_LT(furthest, tolerance);
    RecordProperty("furthest_logit", std::to_string(furthest));
    std::printf("furthest logit %g, %d other choices in %zu tokens\n",
                static_cast<double>(furthest), other_choices, prompts * kTokens);
  }

  std::string ErrorOf(const ScaleOptions& options) {
    const auto model = ScaleGguf(options);
    return model.ok() ? "" : model.error().message;
  }

  fs::path folder_;
  std::string output_;
};

// The gains of a model four times as wide shrink by exactly 2, so that not even rounding differs:
// what remains would be an error of the mathematics.
TEST_F(ScaledGgufTest, LogitsAreTheVerySameAtFourTimesTheWidth) {
  Scale(TargetPath(), "q8_0", "1536x9x1024x9x3");
  ExpectSameText(TargetPath(), 1e-4F, 2);
}

TEST_F(ScaledGgufTest, TargetWritesTheSameText) {
  Scale(TargetPath());
  ExpectSameText(TargetPath(), kRounding);
}

TEST_F(ScaledGgufTest, DraftWithTiedEmbeddingWritesTheSameText) {
  Scale(DraftPath());
  ExpectSameText(DraftPath(), kRounding);
}

TEST_F(ScaledGgufTest, HalfPrecisionWritesTheSameText) {
  Scale(DraftPath(), "f16");
  ExpectSameText(DraftPath(), 2 * kRounding, 2);  // Q8_0 rounds activations to 8 bits, f16 does not
}

TEST_F(ScaledGgufTest, KeepsTheQuantisedBlocksOfTheSource) {
  Scale(TargetPath());
  const GgufContext small = Header(TargetPath());
  const GgufContext large = Header(output_);
  for (const char* name : {"blk.3.attn_q.weight", "blk.3.ffn_down.weight", "output.weight"}) {
    const std::int64_t from_id = gguf_find_tensor(small.get(), name);
    const std::int64_t to_id = gguf_find_tensor(large.get(), name);
    const std::int64_t rows = gguf_get_tensor_ne(small.get(), from_id)[1];
    const std::size_t from =
        ggml_row_size(GGML_TYPE_Q8_0, gguf_get_tensor_ne(small.get(), from_id)[0]);
    const std::size_t to = ggml_row_size(GGML_TYPE_Q8_0, gguf_get_tensor_ne(large.get(), to_id)[0]);
    const std::string before = Data(TargetPath(), small, name);
    const std::string after = Data(output_, large, name);
    for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
      ASSERT_EQ(after.substr(r * to, from), before.substr(r * from, from)) << name << " " << r;
      ASSERT_EQ(after.substr(r * to + from, to - from), std::string(to - from, '\0')) << name;
    }
  }
}

TEST_F(ScaledGgufTest, HeaderHasTheNewShapeAndTheOldTokenizer) {
  Scale(TargetPath(), "q4_0");
  const GgufContext small = Header(TargetPath());
  const GgufContext large = Header(output_);
  EXPECT_EQ(Number(large, "llama.embedding_length"), 512U);
  EXPECT_EQ(Number(large, "llama.block_count"), 10U);
  EXPECT_EQ(Number(large, "llama.feed_forward_length"), 1536U);
  EXPECT_EQ(Number(large, "llama.attention.head_count"), 12U);
  EXPECT_EQ(Number(large, "llama.attention.head_count_kv"), 4U);
  EXPECT_EQ(Number(large, "llama.attention.key_length"), 64U);
  EXPECT_EQ(Number(large, "llama.attention.value_length"), 64U);
  EXPECT_EQ(Number(large, "llama.rope.dimension_count"), 64U);
  EXPECT_EQ(Number(large, "general.file_type"), 2U);
  const std::int64_t epsilon = gguf_find_key(large.get(), "llama.attention.layer_norm_rms_epsilon");
  EXPECT_FLOAT_EQ(gguf_get_val_f32(large.get(), epsilon), 1e-5F * 384 / 512);
  EXPECT_EQ(Text(large, "tokenizer.chat_template"), Text(small, "tokenizer.chat_template"));
  EXPECT_EQ(Text(large, "turbospec.scaled_from"), "storypair-target");
  EXPECT_NE(Text(large, "general.name").find("benchmark vehicle"), std::string::npos);
  EXPECT_NE(Text(large, "general.description").find("enchmark vehicle"), std::string::npos);
  EXPECT_EQ(gguf_get_arr_n(large.get(), gguf_find_key(large.get(), "tokenizer.ggml.tokens")),
            4096U);
  EXPECT_EQ(gguf_get_n_tensors(large.get()), gguf_get_n_tensors(small.get()) + 2 * 9);
}

TEST_F(ScaledGgufTest, SameSeedMakesTheSameFile) {
  Scale(DraftPath());
  const std::string first = FileText(output_);
  Scale(DraftPath());
  EXPECT_TRUE(first == FileText(output_));
  ASSERT_TRUE(ScaleGguf({.source = DraftPath(), .output = output_, .like = kLike, .seed = 2}).ok());
  EXPECT_FALSE(first == FileText(output_));
}

TEST_F(ScaledGgufTest, LeavesNothingWhenGivenUp) {
  int calls = 0;
  const auto model = ScaleGguf({.source = TargetPath(),
                                .output = output_,
                                .like = kLike,
                                .progress = [&](std::uint64_t written, std::uint64_t total) {
                                  EXPECT_LE(written, total);
                                  return ++calls < 3;
                                }});
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(calls, 3);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(ScaledGgufTest, SaysWhatIsWrongAndWritesNothing) {
  const std::string text = (folder_ / "text.gguf").string();
  std::ofstream(text) << "this is not a model";
  const std::string other = (folder_ / "other.gguf").string();
  const GgufContext header(gguf_init_empty());
  gguf_set_val_str(header.get(), "general.architecture", "qwen3");
  ASSERT_TRUE(gguf_write_to_file(header.get(), other.c_str(), false));
  const std::string link = (folder_ / "link.gguf").string();
  fs::create_hard_link(other, link);
  struct Case {
    ScaleOptions options;
    std::string part;
  };
  const std::vector<Case> cases = {
      {{.source = folder_ / "none.gguf", .output = output_}, "does not exist"},
      {{.source = text, .output = output_}, "not a GGUF model file"},
      {{.source = other, .output = output_}, "architecture is \"qwen3\""},
      {{.source = other, .output = other}, "would replace its own source"},
      {{.source = other, .output = link}, "would replace its own source"},
      {{.source = DraftPath(), .output = output_, .type = "q9"}, "unknown type \"q9\""},
      {{.source = DraftPath(), .output = output_, .like = "huge"}, "unknown shape \"huge\""},
      {{.source = DraftPath(), .output = output_, .like = "100x3x512x6x2"}, "smaller"},
      {{.source = DraftPath(), .output = folder_}, "is a folder"},
      {{.source = DraftPath(), .output = folder_ / "no" / "x.gguf"}, "does not exist"},
      {{.source = DraftPath(), .output = output_, .like = "131072x1024x131072x4095x1365"},
       "the disk has"},
  };
  for (const auto& [options, part] : cases) {
    const std::string error = ErrorOf(options);
    EXPECT_NE(error.find(part), std::string::npos) << part << ": " << error;
  }
  EXPECT_FALSE(fs::exists(output_));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 3);
}

}  // namespace
}  // namespace turbospec
