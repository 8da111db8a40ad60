#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

#include "sampling/distribution.h"
#include "sampling/vector_clones.h"

namespace turbospec {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::size_t kBlock = 256;
constexpr float kLowest = -std::numeric_limits<float>::infinity();

// `x > m ? x : m` is what the processor's max instruction does, NaN included (m stays). Separate
// lanes because a single running maximum would wait for itself.
[[gnu::always_inline]] inline float BlockMax(const float* values) {
  std::array<float, kLanes> lanes;
  lanes.fill(kLowest);
  for (std::size_t i = 0; i < kBlock; i += kLanes) {
    for (std::size_t j = 0; j < kLanes; ++j) {
      lanes[j] = values[i + j] > lanes[j] ? values[i + j] : lanes[j];
    }
  }
  float max = kLowest;
  for (const float lane : lanes) max = lane > max ? lane : max;
  return max;
}

}  // namespace

TURBOSPEC_VECTOR_CLONES
TokenId ArgMax(std::span<const float> logits) {
  float max = kLowest;
  std::size_t where = 0;  // start of the first block that holds the maximum
  std::size_t i = 0;
  for (; i + kBlock <= logits.size(); i += kBlock) {
    const float block_max = BlockMax(logits.data() + i);
    if (block_max > max) {
      max = block_max;
      where = i;
    }
  }
  for (; i < logits.size(); ++i) {
    if (logits[i] > max) {
      max = logits[i];
      where = i;
    }
  }
  const auto begin = logits.begin() + static_cast<std::ptrdiff_t>(where);
  const auto found = std::find(begin, logits.end(), max);
  return found == logits.end() ? 0 : static_cast<TokenId>(found - logits.begin());
}

}  // namespace turbospec
