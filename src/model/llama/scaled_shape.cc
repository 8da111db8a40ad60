#include "model/llama/scaled_shape.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

namespace turbospec {
namespace {

constexpr int kBlock = 32;             // values per block of Q8_0 and Q4_0
constexpr int kLargestSize = 1 << 17;  // beyond every Llama; keeps products far from overflow
constexpr int kLargestLayers = 1 << 10;

struct Preset {
  std::string_view name;
  int width;
  int layers;
  int feed_forward;
};
// Llama 3.2 1B and 3B and Llama 2 7B, but for head counts and vocabulary.
constexpr std::array<Preset, 3> kPresets = {
    {{"1b", 2048, 16, 8192}, {"3b", 3072, 28, 8192}, {"7b", 4096, 32, 11008}}};

std::vector<int> Numbers(std::string_view text) {
  std::vector<int> numbers;
  while (!text.empty()) {
    int number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || number <= 0) return {};
    numbers.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return numbers;
    if (text.front() != 'x') return {};
    text.remove_prefix(1);
  }
  return {};  // empty, or an "x" at the end
}

// As many whole groups as the width has room for, and no fewer than the source has; a key/value
// head's rows must fill quantisation blocks, which for odd head sizes takes several groups.
void FillHeads(LlamaShape& shape, const LlamaShape& source) {
  const int group = source.heads / source.kv_heads;
  int groups = std::max(source.kv_heads, shape.width / (source.key_length * group));
  while (groups > source.kv_heads && groups * group * source.value_length % kBlock != 0) --groups;
  shape.kv_heads = groups;
  shape.heads = groups * group;
}

Result<LlamaShape> Parse(const std::string& like, const LlamaShape& source) {
  LlamaShape shape = source;
  for (const Preset& preset : kPresets) {
    if (like != preset.name) continue;
    shape.width = preset.width;
    shape.layers = preset.layers;
    shape.feed_forward = preset.feed_forward;
    FillHeads(shape, source);
    return shape;
  }
  const std::vector<int> numbers = Numbers(like);
  if (numbers.size() != 5) {
    return InvalidArgument("unknown shape \"" + like +
                           "\": give 1b, 3b, 7b or WIDTHxLAYERSxFFNxHEADSxKV, as in "
                           "2048x16x8192x30x10");
  }
  shape.width = numbers[0];
  shape.layers = numbers[1];
  shape.feed_forward = numbers[2];
  shape.heads = numbers[3];
  shape.kv_heads = numbers[4];
  return shape;
}

Status CheckSize(const char* what, int asked, int source, int largest, bool fills_blocks) {
  const std::string name = std::string(what) + " " + std::to_string(asked);
  if (asked < source) {
    return InvalidArgument(name + " is smaller than the source's " + std::to_string(source) +
                           "; a model can only be scaled up");
  }
  if (asked > largest) {
    return InvalidArgument(name + " is more than " + std::to_string(largest));
  }
  if (fills_blocks && asked % kBlock != 0) {
    return InvalidArgument(name + " is not a multiple of " + std::to_string(kBlock) +
                           ", the block size of Q8_0 and Q4_0");
  }
  return Ok();
}

Status CheckHeads(const LlamaShape& shape, const LlamaShape& source) {
  const std::int64_t group = source.heads / source.kv_heads;  // products may exceed an int
  const std::string counts = std::to_string(shape.heads) + " heads with " +
                             std::to_string(shape.kv_heads) + " key/value heads";
  if (shape.heads % shape.kv_heads != 0) return InvalidArgument(counts + " do not divide evenly");
  if (shape.heads / shape.kv_heads != group) {
    return InvalidArgument(counts + " do not keep the source's " + std::to_string(group) +
                           " heads per key/value head; give " +
                           std::to_string(group * shape.kv_heads) + " heads or other counts");
  }
  if (std::int64_t{shape.heads} * shape.value_length % kBlock != 0) {
    return InvalidArgument(counts + " of " + std::to_string(shape.value_length) +
                           " channels do not fill blocks of " + std::to_string(kBlock) +
                           " channels");
  }
  return Ok();
}

}  // namespace

std::string ShapeText(const LlamaShape& shape) {
  std::string text;
  for (const int size :
       {shape.width, shape.layers, shape.feed_forward, shape.heads, shape.kv_heads}) {
    text += (text.empty() ? "" : "x") + std::to_string(size);
  }
  return text;
}

Result<LlamaShape> TargetShape(const std::string& like, const LlamaShape& source) {
  Result<LlamaShape> shape = Parse(like, source);
  if (!shape.ok()) return shape;
  for (const Status& fits :
       {CheckSize("width", shape->width, source.width, kLargestSize, true),
        CheckSize("layer count", shape->layers, source.layers, kLargestLayers, false),
        CheckSize("feed-forward size", shape->feed_forward, source.feed_forward, kLargestSize,
                  true),
        CheckSize("head count", shape->heads, source.heads, kLargestSize / source.key_length,
                  false),
        CheckSize("key/value head count", shape->kv_heads, source.kv_heads, shape->heads, false),
        CheckHeads(*shape, source)}) {
    if (!fits.ok()) return fits.error();
  }
  return shape;
}

double NormEpsilonFactor(int source_width, int width) {
  return static_cast<double>(source_width) / width;
}

double NormGainFactor(int source_width, int width) {
  return std::sqrt(NormEpsilonFactor(source_width, width));
}

}  // namespace turbospec
