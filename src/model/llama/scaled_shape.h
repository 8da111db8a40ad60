// The shape of a Llama model and the arithmetic of padding a small one to a large one that computes
// the same function (docs/scaled_models.md). Called by ScaleGguf and its tests. Plain values and
// pure functions: any thread, no I/O, nothing owned.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace turbospec {

struct LlamaShape {
  int width = 0;  // channels of the residual stream
  int layers = 0;
  int feed_forward = 0;
  int heads = 0;  // query heads
  int kv_heads = 0;
  int key_length = 0;    // channels of a query or key head
  int value_length = 0;  // channels of a value head
  std::int64_t vocabulary = 0;

  bool operator==(const LlamaShape&) const = default;
};

// "384x8x1024x6x2": width, layers, feed-forward, heads, key/value heads.
std::string ShapeText(const LlamaShape& shape);

// The shape that `like` asks for: "1b", "3b", "7b" (the head counts nearest below the width that
// keep the source's head and group size) or "WIDTHxLAYERSxFFNxHEADSxKV". What cannot be changed
// comes from `source`. kInvalidArgument says which number does not fit and why.
Result<LlamaShape> TargetShape(const std::string& like, const LlamaShape& source);

// RMSNorm divides by the root of a mean; d live channels among D make that mean d/D of what it was.
// So epsilon shrinks by d/D and the gains by its root: (d, D) = (384, 1536) → 0.25 and 0.5.
double NormEpsilonFactor(int source_width, int width);
double NormGainFactor(int source_width, int width);

}  // namespace turbospec
