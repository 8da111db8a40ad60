#include "model/llama/scaled_tensor.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace turbospec {
namespace {

using Kind = ScaledTensor::Kind;

constexpr LlamaShape kFrom = {.width = 32,
                              .layers = 1,
                              .feed_forward = 64,
                              .heads = 4,
                              .kv_heads = 2,
                              .key_length = 16,
                              .value_length = 8,
                              .vocabulary = 100};
constexpr LlamaShape kTo = {.width = 96,
                            .layers = 3,
                            .feed_forward = 128,
                            .heads = 8,
                            .kv_heads = 4,
                            .key_length = 16,
                            .value_length = 8,
                            .vocabulary = 100};

std::vector<SourceTensor> Sources() {
  return {{"token_embd.weight", {32, 100}},       {"output_norm.weight", {32, 1}},
          {"blk.0.attn_norm.weight", {32, 1}},    {"blk.0.attn_q.weight", {32, 64}},
          {"blk.0.attn_k.weight", {32, 32}},      {"blk.0.attn_v.weight", {32, 16}},
          {"blk.0.attn_output.weight", {32, 32}}, {"blk.0.attn_q.bias", {64, 1}},
          {"blk.0.ffn_up.weight", {32, 64}},      {"blk.0.ffn_down.weight", {64, 32}},
          {"rope_freqs.weight", {8, 1}}};
}

class PlanTensorsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto plan = PlanTensors(Sources(), kFrom, kTo);
    ASSERT_TRUE(plan.ok()) << plan.error().message;
    plan_ = *std::move(plan);
  }
  ScaledTensor Of(const std::string& name) {
    const auto found = std::ranges::find(plan_, name, &ScaledTensor::name);
    EXPECT_NE(found, plan_.end()) << name;
    return found == plan_.end() ? ScaledTensor{} : *found;
  }

  std::vector<ScaledTensor> plan_;
};

TEST_F(PlanTensorsTest, GrowsEverySideByWhatItCounts) {
  EXPECT_EQ(Of("token_embd.weight").to, (TensorSize{96, 100}));
  EXPECT_EQ(Of("output_norm.weight").to, (TensorSize{96, 1}));
  EXPECT_EQ(Of("blk.0.attn_q.weight").to, (TensorSize{96, 128}));
  EXPECT_EQ(Of("blk.0.attn_k.weight").to, (TensorSize{96, 64}));
  EXPECT_EQ(Of("blk.0.attn_v.weight").to, (TensorSize{96, 32}));
  EXPECT_EQ(Of("blk.0.attn_output.weight").to, (TensorSize{64, 96}));
  EXPECT_EQ(Of("blk.0.attn_q.bias").to, (TensorSize{128, 1}));
  EXPECT_EQ(Of("blk.0.ffn_down.weight").to, (TensorSize{128, 96}));
  EXPECT_EQ(Of("rope_freqs.weight").to, (TensorSize{8, 1}));
}

// Were one of the outputs random, the added parts would change the function.
TEST_F(PlanTensorsTest, ProjectsNothingBackIntoTheResidualStream) {
  for (const char* name :
       {"blk.0.attn_output.weight", "blk.0.ffn_down.weight", "blk.2.attn_output.weight",
        "blk.2.ffn_down.weight", "token_embd.weight"}) {
    EXPECT_FALSE(Of(name).noise) << name;
  }
  for (const char* name : {"blk.0.attn_q.weight", "blk.2.attn_v.weight", "blk.1.ffn_up.weight"}) {
    EXPECT_TRUE(Of(name).noise) << name;
  }
}

TEST_F(PlanTensorsTest, ModelsAddedLayersOnTheFirst) {
  EXPECT_EQ(plan_.size(), Sources().size() + 2 * 8);
  EXPECT_TRUE(Of("blk.2.attn_q.weight").added);
  EXPECT_EQ(Of("blk.2.attn_q.weight").to, (TensorSize{96, 128}));
  EXPECT_EQ(Of("blk.2.attn_norm.weight").kind, Kind::kGain);
  EXPECT_FALSE(Of("blk.0.attn_q.weight").added);
}

TEST(PlanTensors, RefusesTensorsThatItDoesNotKnowOrThatDoNotFit) {
  const auto error = [](std::vector<SourceTensor> sources) {
    const auto plan = PlanTensors(sources, kFrom, kTo);
    return plan.ok() ? "" : plan.error().message;
  };
  EXPECT_NE(error({{"blk.0.ffn_gate_exps.weight", {32, 64}}}).find("not one of a dense Llama"),
            std::string::npos);
  EXPECT_NE(error({{"blk.0.attn_q.weight", {32, 32}}}).find("32 x 32 where the file's header"),
            std::string::npos);
  EXPECT_NE(error({{"token_embd.weight", {32, 100}}}).find("no tensors of layer 0"),
            std::string::npos);
}

}  // namespace
}  // namespace turbospec
