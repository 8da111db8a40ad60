// How much memory this process may still take: the smaller of what the machine has available and
// what is left in its control group. Called at load, before anything large is allocated, because
// running out later ends the process without an error. Reads a few small files; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/result.h"

namespace turbospec {

// Empty when the system does not tell. `root` is for tests: a directory that holds proc/ and sys/.
std::optional<std::uint64_t> AvailableMemoryBytes(const std::string& root = "/");

// kResourceExhausted when `needed_bytes` is more than is available; `what` begins the message.
Status CheckMemory(const std::string& what, std::uint64_t needed_bytes,
                   std::optional<std::uint64_t> available_bytes);

}  // namespace turbospec
