#include "model/llama/scaled_tensor.h"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace turbospec {
namespace {

using Kind = ScaledTensor::Kind;

// What a side of a tensor counts.
enum class Side { kOne, kWidth, kVocabulary, kQueries, kKeys, kValues, kHeadOutputs, kFeedForward };

struct Role {
  std::string_view name;  // without "blk.N."
  Kind kind;
  Side columns;
  Side rows;
  bool noise = false;  // what only feeds zero projections is random, so that passes do real work
};

constexpr std::array kRoles = {
    Role{"token_embd.weight", Kind::kMatrix, Side::kWidth, Side::kVocabulary},
    Role{"output.weight", Kind::kMatrix, Side::kWidth, Side::kVocabulary},
    Role{"output_norm.weight", Kind::kGain, Side::kWidth, Side::kOne},
    Role{"attn_norm.weight", Kind::kGain, Side::kWidth, Side::kOne},
    Role{"attn_q.weight", Kind::kMatrix, Side::kWidth, Side::kQueries, true},
    Role{"attn_k.weight", Kind::kMatrix, Side::kWidth, Side::kKeys, true},
    Role{"attn_v.weight", Kind::kMatrix, Side::kWidth, Side::kValues, true},
    Role{"attn_output.weight", Kind::kMatrix, Side::kHeadOutputs, Side::kWidth},
    Role{"ffn_norm.weight", Kind::kGain, Side::kWidth, Side::kOne},
    Role{"ffn_gate.weight", Kind::kMatrix, Side::kWidth, Side::kFeedForward, true},
    Role{"ffn_up.weight", Kind::kMatrix, Side::kWidth, Side::kFeedForward, true},
    Role{"ffn_down.weight", Kind::kMatrix, Side::kFeedForward, Side::kWidth},
    Role{"attn_q.bias", Kind::kBias, Side::kQueries, Side::kOne},
    Role{"attn_k.bias", Kind::kBias, Side::kKeys, Side::kOne},
    Role{"attn_v.bias", Kind::kBias, Side::kValues, Side::kOne},
    Role{"attn_output.bias", Kind::kBias, Side::kWidth, Side::kOne},
    Role{"ffn_gate.bias", Kind::kBias, Side::kFeedForward, Side::kOne},
    Role{"ffn_up.bias", Kind::kBias, Side::kFeedForward, Side::kOne},
    Role{"ffn_down.bias", Kind::kBias, Side::kWidth, Side::kOne},
    Role{"rope_freqs.weight", Kind::kCopy, Side::kOne, Side::kOne},
};

std::int64_t Count(Side side, const LlamaShape& shape) {
  switch (side) {
    case Side::kOne:
      return 1;
    case Side::kWidth:
      return shape.width;
    case Side::kVocabulary:
      return shape.vocabulary;
    case Side::kQueries:
      return std::int64_t{shape.heads} * shape.key_length;
    case Side::kKeys:
      return std::int64_t{shape.kv_heads} * shape.key_length;
    case Side::kValues:
      return std::int64_t{shape.kv_heads} * shape.value_length;
    case Side::kHeadOutputs:
      return std::int64_t{shape.heads} * shape.value_length;
    case Side::kFeedForward:
      return shape.feed_forward;
  }
  return 0;
}

TensorSize SizeOf(const Role& role, const LlamaShape& shape) {
  return {Count(role.columns, shape), Count(role.rows, shape)};
}

// "blk.12.attn_q.weight" → 12 and "attn_q.weight".
std::pair<std::optional<int>, std::string_view> SplitName(std::string_view name) {
  constexpr std::string_view kPrefix = "blk.";
  if (!name.starts_with(kPrefix)) return {std::nullopt, name};
  const std::string_view rest = name.substr(kPrefix.size());
  int layer = 0;
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), layer);
  const auto used = static_cast<std::size_t>(end - rest.data());
  if (failure != std::errc() || used >= rest.size() || rest[used] != '.') {
    return {std::nullopt, name};
  }
  return {layer, rest.substr(used + 1)};
}

const Role* FindRole(std::string_view name) {
  for (const Role& role : kRoles) {
    if (role.name == name) return &role;
  }
  return nullptr;
}

std::string Written(const TensorSize& size) {
  return std::to_string(size.columns) + " x " + std::to_string(size.rows);
}

Result<ScaledTensor> PlanTensor(const SourceTensor& source, int index, const LlamaShape& from,
                                const LlamaShape& to) {
  const auto [layer, name] = SplitName(source.name);
  const Role* role = FindRole(name);
  if (role == nullptr) {
    return Unsupported("tensor " + source.name +
                       " is not one of a dense Llama model; such a model cannot be scaled");
  }
  ScaledTensor tensor = {.name = source.name,
                         .kind = role->kind,
                         .noise = role->noise,
                         .source = index,
                         .from = source.size,
                         .to = source.size};
  if (role->kind == Kind::kCopy) return tensor;
  if (const TensorSize expected = SizeOf(*role, from); source.size != expected) {
    return InvalidArgument("tensor " + source.name + " is " + Written(source.size) +
                           " where the file's header implies " + Written(expected));
  }
  tensor.to = SizeOf(*role, to);
  return tensor;
}

}  // namespace

Result<std::vector<ScaledTensor>> PlanTensors(std::span<const SourceTensor> sources,
                                              const LlamaShape& from, const LlamaShape& to) {
  std::vector<ScaledTensor> plan;
  std::vector<ScaledTensor> of_first_layer;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    auto tensor = PlanTensor(sources[i], static_cast<int>(i), from, to);
    if (!tensor.ok()) return tensor.error();
    const auto layer = SplitName(sources[i].name).first;
    if (layer == 0 && tensor->kind != Kind::kCopy) of_first_layer.push_back(*tensor);
    plan.push_back(*std::move(tensor));
  }
  if (from.layers > 0 && of_first_layer.empty()) {
    return InvalidArgument("the model has no tensors of layer 0");
  }
  for (int layer = from.layers; layer < to.layers; ++layer) {
    for (ScaledTensor tensor : of_first_layer) {
      tensor.name =
          "blk." + std::to_string(layer) + "." + std::string(SplitName(tensor.name).second);
      tensor.added = true;
      plan.push_back(std::move(tensor));
    }
  }
  return plan;
}

}  // namespace turbospec
