// For tests of memory reuse: counts what the whole program allocates.
#pragma once

#include <cstdint>

namespace turbospec {

// Calls of operator new since the start.
std::int64_t Allocations();

}  // namespace turbospec
