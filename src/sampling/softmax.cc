#include "sampling/softmax.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "sampling/distribution.h"
#include "sampling/vector_clones.h"

namespace turbospec {
namespace {

// Loops over whole blocks of constant length are what g++ vectorises at -O2.
constexpr std::size_t kBlock = 16;
// Float sums stay short: lanes are emptied into a double after this many blocks.
constexpr std::size_t kBlocksPerSum = 64;

using Block = std::array<float, kBlock>;

class LaneSum {
 public:
  [[gnu::always_inline]] void Add(const Block& block) {
    for (std::size_t j = 0; j < kBlock; ++j) lanes_[j] += block[j];
    if (++blocks_ == kBlocksPerSum) Empty();
  }

  double Total() {
    Empty();
    return total_;
  }

 private:
  void Empty() {
    for (const float lane : lanes_) total_ += lane;
    lanes_ = {};
    blocks_ = 0;
  }

  Block lanes_{};
  std::size_t blocks_ = 0;
  double total_ = 0;
};

[[gnu::always_inline]] inline Block ExpBlock(const float* logits, float max, float scale) {
  Block block;
  for (std::size_t j = 0; j < kBlock; ++j) block[j] = ExpOfNegative(scale * (logits[j] - max));
  return block;
}

// Inlined into every clone, or it would be compiled for the plain processor.
template <class Keep>
[[gnu::always_inline]] inline double WalkExp(std::span<const float> logits, float max, float scale,
                                             Keep keep) {
  LaneSum sum;
  std::size_t i = 0;
  for (; i + kBlock <= logits.size(); i += kBlock) {
    const Block block = ExpBlock(logits.data() + i, max, scale);
    sum.Add(block);
    keep(i, block, kBlock);
  }
  if (i < logits.size()) {
    Block rest;
    rest.fill(-std::numeric_limits<float>::infinity());
    std::copy(logits.begin() + static_cast<std::ptrdiff_t>(i), logits.end(), rest.begin());
    const Block block = ExpBlock(rest.data(), max, scale);
    sum.Add(block);
    keep(i, block, logits.size() - i);
  }
  return sum.Total();
}

}  // namespace

TURBOSPEC_VECTOR_CLONES
double ExpWeights(std::span<const float> logits, float max, float scale, std::span<float> weights) {
  return WalkExp(logits, max, scale, [&](std::size_t i, const Block& block, std::size_t count) {
    std::copy_n(block.begin(), count, weights.begin() + static_cast<std::ptrdiff_t>(i));
  });
}

TURBOSPEC_VECTOR_CLONES
double SumOfExp(std::span<const float> logits, float max, float scale) {
  return WalkExp(logits, max, scale, [](std::size_t, const Block&, std::size_t) {});
}

float LogOfLargestProbability(std::span<const float> logits) {
  const float max = logits[static_cast<std::size_t>(ArgMax(logits))];
  if (!std::isfinite(max)) return 0;
  return static_cast<float>(-std::log(SumOfExp(logits, max, 1.0f)));
}

}  // namespace turbospec
