#include "control/allocation_fixture.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace turbospec {
namespace {
std::atomic<std::int64_t> allocations{0};
}  // namespace

std::int64_t Allocations() {
  return allocations;
}

}  // namespace turbospec

void* operator new(std::size_t size) {
  ++turbospec::allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
