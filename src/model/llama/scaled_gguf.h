// Pads a small Llama model to the shape of a large one that computes the same function, so that
// benchmarks have real text and real acceptance at a real price (docs/scaled_models.md). Called by
// `turbospec scale-model` and tests, on any thread; blocks for as long as the disk takes. Holds a
// few megabytes beside the header, whatever the size of the model.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/result.h"
#include "model/llama/scaled_shape.h"

namespace turbospec {

struct ScaleOptions {
  std::string source;         // a .gguf of architecture "llama", dense, in one file
  std::string output;         // replaced if it exists, once the new one is complete
  std::string like = "1b";    // see TargetShape
  std::string type = "q8_0";  // of the matrices: q8_0, q4_0 or f16
  std::uint64_t seed = 1;     // of the random values; the same one gives the same file
  // Told bytes, some hundred times; returns false to give up.
  std::function<bool(std::uint64_t written, std::uint64_t total)> progress = {};
};

struct ScaledModel {
  LlamaShape from;
  LlamaShape to;
  std::uint64_t parameters = 0;
  std::uint64_t file_bytes = 0;
};

// On any error, and when it is given up (kCancelled), `output` is as it was.
Result<ScaledModel> ScaleGguf(const ScaleOptions& options);

}  // namespace turbospec
