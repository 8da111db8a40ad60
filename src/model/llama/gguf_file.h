// What a GGUF file says about itself, read before libllama touches it, so that a wrong or damaged
// file becomes an error a user can act on. Reads the header only (megabytes at most) and a few
// sampled blocks. No state; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace turbospec {

struct GgufSummary {
  std::string architecture;        // "llama", "qwen3", …
  std::uint64_t tensor_bytes = 0;  // of all parts
  // Of header, size and sampled tensor data. Durable: the same file gives the same value in every
  // version, because profiles are keyed by it.
  std::uint64_t fingerprint = 0;
};

// Errors name the path and what is wrong: missing, a directory, not readable, not GGUF, damaged or
// truncated, a part of a split model missing.
Result<GgufSummary> InspectGguf(const std::string& path);

}  // namespace turbospec
