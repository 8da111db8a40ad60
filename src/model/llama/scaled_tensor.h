// Which tensors a scaled Llama model has and what each is made of: the part that is copied, and
// what surrounds it. Called by ScaleGguf and its tests. Pure: any thread, no I/O, nothing owned.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "model/llama/scaled_shape.h"

namespace turbospec {

// A matrix has `rows` rows of `columns` inputs each; a vector is one row.
struct TensorSize {
  std::int64_t columns = 0;
  std::int64_t rows = 1;

  bool operator==(const TensorSize&) const = default;
};

struct SourceTensor {
  std::string name;
  TensorSize size;
};

struct ScaledTensor {
  enum class Kind {
    kMatrix,  // copied rows gain zero columns, then come the added rows
    kGain,    // of a norm: times NormGainFactor, also where the channel is new
    kBias,    // zero where new
    kCopy,    // not touched by a change of shape
  };
  std::string name;
  Kind kind = Kind::kMatrix;
  bool noise = false;  // added rows are random; otherwise zero
  int source = -1;     // index of the source tensor
  bool added = false;  // belongs to an added layer: only its role is the source's
  TensorSize from;
  TensorSize to;
};

// In the order of the file: the source's tensors, then the added layers, which are modelled on the
// first. A tensor that is not of a dense Llama is kUnsupported; one of a wrong size
// kInvalidArgument.
Result<std::vector<ScaledTensor>> PlanTensors(std::span<const SourceTensor> sources,
                                              const LlamaShape& from, const LlamaShape& to);

}  // namespace turbospec
