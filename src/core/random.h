// Seeded randomness as a pure function of (seed, counter), so that a draw does not depend on how
// many draws came before it unless the caller wants that. Cheap: two multiplications a draw.
#pragma once

#include <cstdint>

namespace turbospec {

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection that scrambles 64 bits.
constexpr std::uint64_t MixBits(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// Uniform in [0, 1), 53 bits. Independent for different (seed, counter).
constexpr double UniformAt(std::uint64_t seed, std::uint64_t counter) {
  return static_cast<double>(MixBits(MixBits(seed) ^ MixBits(~counter)) >> 11) * 0x1.0p-53;
}

// A sequence of fresh draws. Copyable value; a copy repeats the sequence.
class RandomStream {
 public:
  explicit constexpr RandomStream(std::uint64_t seed) : seed_(seed) {}

  constexpr double Uniform() { return UniformAt(seed_, counter_++); }
  constexpr std::uint64_t Bits() { return MixBits(seed_ ^ MixBits(counter_++)); }

 private:
  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
};

}  // namespace turbospec
