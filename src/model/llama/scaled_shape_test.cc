#include "model/llama/scaled_shape.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace turbospec {
namespace {

const LlamaShape kSource = {.width = 384,
                            .layers = 8,
                            .feed_forward = 1024,
                            .heads = 6,
                            .kv_heads = 2,
                            .key_length = 64,
                            .value_length = 64,
                            .vocabulary = 4096};

std::string Written(const std::string& like, const LlamaShape& source = kSource) {
  const auto shape = TargetShape(like, source);
  return shape.ok() ? ShapeText(*shape) : shape.error().message;
}

TEST(TargetShape, KeepsHeadAndGroupSizeInPresets) {
  EXPECT_EQ(Written("1b"), "2048x16x8192x30x10");
  EXPECT_EQ(Written("3b"), "3072x28x8192x48x16");
  EXPECT_EQ(Written("7b"), "4096x32x11008x63x21");
  LlamaShape draft = kSource;
  draft.key_length = draft.value_length = 32;
  EXPECT_EQ(Written("1b", draft), "2048x16x8192x63x21");
}

TEST(TargetShape, TakesWhatPaddingCannotChangeFromTheSource) {
  const auto shape = TargetShape("512x10x1536x12x4", kSource);
  ASSERT_TRUE(shape.ok()) << shape.error().message;
  EXPECT_EQ(shape->key_length, 64);
  EXPECT_EQ(shape->vocabulary, 4096);
}

TEST(TargetShape, AcceptsTheSourcesOwnShape) {
  EXPECT_EQ(Written("384x8x1024x6x2"), "384x8x1024x6x2");
}

TEST(TargetShape, SaysWhichNumberDoesNotFit) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "unknown shape"},
      {"2b", "unknown shape"},
      {"512x10x1536x12", "unknown shape"},
      {"512x10x1536x12x4x1", "unknown shape"},
      {"512x10x1536x12x4x", "unknown shape"},
      {"512x10x1536x12x-4", "unknown shape"},
      {"512x10x1536x12x0", "unknown shape"},
      {"512x10x1536x12x99999999999", "unknown shape"},
      {"256x10x1536x12x4", "width 256 is smaller than the source's 384"},
      {"520x10x1536x12x4", "width 520 is not a multiple of 32"},
      {"512x7x1536x12x4", "layer count 7 is smaller"},
      {"512x10x512x12x4", "feed-forward size 512 is smaller"},
      {"512x10x1540x12x4", "feed-forward size 1540 is not a multiple of 32"},
      {"512x10x1536x3x1", "head count 3 is smaller"},
      {"512x10x1536x6x1", "key/value head count 1 is smaller"},
      {"512x10x1536x13x4", "do not divide evenly"},
      {"512x10x1536x12x3", "do not keep the source's 3 heads per key/value head; give 9 heads"},
      {"1048576x10x1536x12x4", "width 1048576 is more than"},
      {"512x10x1536x2147483646x715827882", "head count 2147483646 is more than"},
      {"512x10x1536x30000x10000", "head count 30000 is more than"},
  };
  for (const auto& [like, part] : cases) {
    EXPECT_NE(Written(like).find(part), std::string::npos) << like << ": " << Written(like);
  }
}

// The claim that the file format relies on: the live channels come out of RMSNorm as before.
TEST(NormFactors, MakeRmsNormOfAPaddedRowEqualTheOriginal) {
  const auto norm = [](std::vector<double> row, double gain, double epsilon) {
    double squares = 0;
    for (const double x : row) squares += x * x;
    const double rms = std::sqrt(squares / static_cast<double>(row.size()) + epsilon);
    for (double& x : row) x *= gain / rms;
    return row;
  };
  std::vector<double> row = {0.5, -2.0, 0.003};
  const auto original = norm(row, 1.5, 0.1);
  row.resize(7, 0.0);
  const auto padded = norm(row, 1.5 * NormGainFactor(3, 7), 0.1 * NormEpsilonFactor(3, 7));
  for (std::size_t i = 0; i < row.size(); ++i) {
    EXPECT_NEAR(padded[i], i < 3 ? original[i] : 0.0, 1e-12) << i;
  }
}

}  // namespace
}  // namespace turbospec
