#include "model/llama/scaled_header.h"

#include <algorithm>
#include <string_view>

namespace turbospec {
namespace {

constexpr const char* kEpsilonKey = "llama.attention.layer_norm_rms_epsilon";

// No Llama comes near; products of two such numbers still fit.
constexpr std::int64_t kLargestSize = 1 << 17;

struct GgmlFree {
  void operator()(ggml_context* context) const { ggml_free(context); }
};

std::string Text(const gguf_context* gguf, const char* key) {
  const std::int64_t id = gguf_find_key(gguf, key);
  if (id < 0 || gguf_get_kv_type(gguf, id) != GGUF_TYPE_STRING) return "";
  return gguf_get_val_str(gguf, id);
}

// `fallback` where the key is absent; 0 = it must be there.
Result<int> Count(const gguf_context* gguf, const char* key, int fallback = 0) {
  const std::int64_t id = gguf_find_key(gguf, key);
  if (id < 0 && fallback > 0) return fallback;
  if (id < 0) return InvalidArgument(std::string("the header lacks ") + key);
  if (gguf_get_kv_type(gguf, id) != GGUF_TYPE_UINT32) {
    return Unsupported(std::string(key) +
                       " is not one number; layers of different shapes cannot be scaled");
  }
  const std::uint32_t count = gguf_get_val_u32(gguf, id);
  if (count == 0 || count > kLargestSize) {
    return InvalidArgument(std::string(key) + " is " + std::to_string(count));
  }
  return static_cast<int>(count);
}

Status CheckKind(const gguf_context* gguf) {
  const std::string architecture = Text(gguf, "general.architecture");
  if (architecture != "llama") {
    return Unsupported("the model's architecture is \"" + architecture +
                       "\"; only \"llama\" can be scaled");
  }
  const std::int64_t parts = gguf_find_key(gguf, "split.count");
  if (parts >= 0 && gguf_get_kv_type(gguf, parts) == GGUF_TYPE_UINT16 &&
      gguf_get_val_u16(gguf, parts) > 1) {
    return Unsupported("the model is split into parts; merge it first");
  }
  return Ok();
}

Status ReadHeads(const gguf_context* gguf, LlamaShape& shape) {
  const auto heads = Count(gguf, "llama.attention.head_count");
  if (!heads.ok()) return heads.error();
  const auto kv_heads = Count(gguf, "llama.attention.head_count_kv", *heads);
  if (!kv_heads.ok()) return kv_heads.error();
  if (*heads % *kv_heads != 0) {
    return InvalidArgument("the model's " + std::to_string(*heads) + " heads do not divide among " +
                           std::to_string(*kv_heads) + " key/value heads");
  }
  const int even = shape.width / *heads;
  const auto key_length = Count(gguf, "llama.attention.key_length", even);
  if (!key_length.ok()) return key_length.error();
  const auto value_length = Count(gguf, "llama.attention.value_length", even);
  if (!value_length.ok()) return value_length.error();
  if (std::int64_t{*heads} * std::max(*key_length, *value_length) > kLargestSize) {
    return Unsupported("the model's heads have more than " + std::to_string(kLargestSize) +
                       " channels in all");
  }
  shape.heads = *heads;
  shape.kv_heads = *kv_heads;
  shape.key_length = *key_length;
  shape.value_length = *value_length;
  return Ok();
}

void SetShape(gguf_context* gguf, const LlamaShape& shape) {
  const auto set = [&](const char* key, int value) {
    gguf_set_val_u32(gguf, key, static_cast<std::uint32_t>(value));
  };
  set("llama.embedding_length", shape.width);
  set("llama.block_count", shape.layers);
  set("llama.feed_forward_length", shape.feed_forward);
  set("llama.attention.head_count", shape.heads);
  set("llama.attention.head_count_kv", shape.kv_heads);
  set("llama.attention.key_length", shape.key_length);
  set("llama.attention.value_length", shape.value_length);
  if (gguf_find_key(gguf, "llama.rope.dimension_count") < 0) {
    set("llama.rope.dimension_count", shape.key_length);
  }
}

std::uint32_t FileType(ggml_type type) {
  if (type == GGML_TYPE_F16) return GGML_FTYPE_MOSTLY_F16;
  return type == GGML_TYPE_Q4_0 ? GGML_FTYPE_MOSTLY_Q4_0 : GGML_FTYPE_MOSTLY_Q8_0;
}

// Nobody who meets the file later may take it for a model of its size.
void SetOrigin(gguf_context* gguf, const LlamaShape& from, const LlamaShape& to) {
  std::string name = Text(gguf, "general.name");
  if (name.empty()) name = "unnamed";
  const std::string title = name + " padded to " + ShapeText(to) + " (benchmark vehicle)";
  const std::string description =
      "Benchmark vehicle made by turbospec scale-model: it computes what " + name + " (" +
      ShapeText(from) +
      ") computes, at the price of its size. The added weights are random or zero and carry no "
      "knowledge; do not judge it as a model of this size.";
  gguf_set_val_str(gguf, "general.name", title.c_str());
  gguf_set_val_str(gguf, "general.description", description.c_str());
  gguf_set_val_str(gguf, "turbospec.scaled_from", name.c_str());
  gguf_set_val_str(gguf, "turbospec.scaled_from_shape", ShapeText(from).c_str());
  gguf_set_val_str(gguf, "turbospec.scaled_to_shape", ShapeText(to).c_str());
}

// Only sizes and names: the data never enters memory as a whole.
void AddTensors(gguf_context* gguf, ggml_type type, std::span<const ScaledTensor> tensors) {
  const std::unique_ptr<ggml_context, GgmlFree> context(
      ggml_init({.mem_size = (tensors.size() + 1) * ggml_tensor_overhead(),
                 .mem_buffer = nullptr,
                 .no_alloc = true}));
  for (const ScaledTensor& tensor : tensors) {
    const bool matrix = tensor.kind == ScaledTensor::Kind::kMatrix;
    ggml_tensor* entry =
        matrix ? ggml_new_tensor_2d(context.get(), type, tensor.to.columns, tensor.to.rows)
               : ggml_new_tensor_1d(context.get(), GGML_TYPE_F32, tensor.to.columns);
    ggml_set_name(entry, tensor.name.c_str());
    gguf_add_tensor(gguf, entry);
  }
}

}  // namespace

Result<LlamaShape> ReadShape(const gguf_context* gguf) {
  if (Status kind = CheckKind(gguf); !kind.ok()) return kind.error();
  LlamaShape shape;
  const auto width = Count(gguf, "llama.embedding_length");
  if (!width.ok()) return width.error();
  const auto layers = Count(gguf, "llama.block_count");
  if (!layers.ok()) return layers.error();
  const auto feed_forward = Count(gguf, "llama.feed_forward_length");
  if (!feed_forward.ok()) return feed_forward.error();
  shape.width = *width;
  shape.layers = *layers;
  shape.feed_forward = *feed_forward;
  if (Status heads = ReadHeads(gguf, shape); !heads.ok()) return heads.error();
  const std::int64_t embedding = gguf_find_tensor(gguf, "token_embd.weight");
  if (embedding < 0) return InvalidArgument("the model has no tensor token_embd.weight");
  shape.vocabulary = gguf_get_tensor_ne(gguf, embedding)[1];
  return shape;
}

Result<std::vector<SourceTensor>> ReadTensors(const gguf_context* gguf) {
  std::vector<SourceTensor> tensors;
  for (std::int64_t i = 0; i < gguf_get_n_tensors(gguf); ++i) {
    const std::int64_t* size = gguf_get_tensor_ne(gguf, i);
    const char* name = gguf_get_tensor_name(gguf, i);
    if (std::any_of(size + 2, size + GGML_MAX_DIMS, [](std::int64_t n) { return n != 1; })) {
      return Unsupported(std::string("tensor ") + name +
                         " has more than two dimensions; such a model cannot be scaled");
    }
    tensors.push_back({name, {size[0], size[1]}});
  }
  return tensors;
}

Result<GgufContext> ScaledHeader(const gguf_context* source, const LlamaShape& from,
                                 const LlamaShape& to, ggml_type type,
                                 std::span<const ScaledTensor> tensors) {
  const std::int64_t epsilon = gguf_find_key(source, kEpsilonKey);
  if (epsilon < 0 || gguf_get_kv_type(source, epsilon) != GGUF_TYPE_FLOAT32) {
    return InvalidArgument(std::string("the header lacks ") + kEpsilonKey);
  }
  GgufContext header(gguf_init_empty());
  gguf_set_kv(header.get(), source);
  for (const char* stale :
       {GGUF_KEY_GENERAL_ALIGNMENT, "general.size_label", "general.parameter_count", "split.no",
        "split.count", "split.tensors.count"}) {
    gguf_remove_key(header.get(), stale);
  }
  SetShape(header.get(), to);
  gguf_set_val_f32(header.get(), kEpsilonKey,
                   static_cast<float>(gguf_get_val_f32(source, epsilon) *
                                      NormEpsilonFactor(from.width, to.width)));
  gguf_set_val_u32(header.get(), "general.file_type", FileType(type));
  gguf_set_val_u32(header.get(), "general.quantization_version", GGML_QNT_VERSION);
  SetOrigin(header.get(), from, to);
  AddTensors(header.get(), type, tensors);
  return header;
}

}  // namespace turbospec
