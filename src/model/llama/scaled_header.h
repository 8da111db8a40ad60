// The metadata of a scaled model: what the source says of its shape, and what the output says
// instead. Called by ScaleGguf. No state; any thread.
#pragma once

#include <ggml.h>
#include <gguf.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "model/llama/scaled_shape.h"
#include "model/llama/scaled_tensor.h"

namespace turbospec {

struct GgufFree {
  void operator()(gguf_context* context) const { gguf_free(context); }
};
using GgufContext = std::unique_ptr<gguf_context, GgufFree>;

// kUnsupported for another architecture, a model in parts or layers of different shapes.
Result<LlamaShape> ReadShape(const gguf_context* gguf);

// Sizes of all tensors. kUnsupported for one with more than two dimensions.
Result<std::vector<SourceTensor>> ReadTensors(const gguf_context* gguf);

// Metadata and tensor table of the output, ready to be written; the tokenizer, the chat template
// and all else that does not depend on the shape are the source's. Fails when the source states no
// RMSNorm epsilon.
Result<GgufContext> ScaledHeader(const gguf_context* source, const LlamaShape& from,
                                 const LlamaShape& to, ggml_type type,
                                 std::span<const ScaledTensor> tensors);

}  // namespace turbospec
