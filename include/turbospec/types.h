// The words that every public header shares. Value types only; std only.
#pragma once

#include <chrono>
#include <cstdint>

namespace turbospec {

using TokenId = std::int32_t;     // index into the vocabulary, 0-based
using SlotId = std::int32_t;      // KV slot of a sequence, 0-based, dense from below
using RequestId = std::uint64_t;  // unique within one engine, never reused
using Seconds = std::chrono::duration<double>;

}  // namespace turbospec
