// Independent pieces of work on a few threads; results keep their order. Used where simulations
// that share nothing run side by side.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "core/result.h"

namespace turbospec {

// The values of make(0) ... make(count - 1), or the first error in that order. `make` is called
// from several threads at once.
template <class T, class Make>
Result<std::vector<T>> InParallel(std::size_t count, int threads, const Make& make) {
  std::vector<std::optional<Result<T>>> results(count);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) results[i].emplace(make(i));
  };
  {
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back(work);
    work();
  }
  std::vector<T> values;
  for (auto& result : results) {
    if (!result->ok()) return result->error();
    values.push_back(**std::move(result));
  }
  return values;
}

}  // namespace turbospec
