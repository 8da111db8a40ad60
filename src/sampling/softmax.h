// The exponentials behind every distribution: e^(scale x (logit - max)), written so that the
// compiler vectorises them. One formula everywhere and no library exp, so that the same logits
// give the same draw on every machine. Relative error under 2e-7. Pure; one walk over the logits.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

namespace turbospec {

// e^x for x <= 0. NaN and anything under -86 give 0, so that masked tokens get no mass.
// Comparisons are on the bits (for one sign they order as the floats do, NaN last): a floating
// comparison may trap, which keeps g++ from vectorising the loops around it.
[[gnu::always_inline]] inline float ExpOfNegative(float x) {
  constexpr float kLog2E = 1.44269504f;
  constexpr float kLn2High = 0.693359375f;  // exact in few bits: n * kLn2High does not round
  constexpr float kLn2Low = -2.12194440e-4f;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to the nearest integer
  constexpr auto kLargest = std::bit_cast<std::int32_t>(86.0f);  // the result stays normal
  const std::int32_t magnitude = std::bit_cast<std::int32_t>(x) & 0x7fffffff;
  const std::int32_t clamped = magnitude < kLargest ? magnitude : kLargest;
  const float y = -std::bit_cast<float>(clamped);
  const float shifted = y * kLog2E + kRound;
  const float n = shifted - kRound;
  const float r = (y - n * kLn2High) - n * kLn2Low;
  // Taylor to r^6 on |r| <= ln(2) / 2: the first term left out is under 1.3e-7.
  float p = 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const std::uint32_t exponent = std::bit_cast<std::uint32_t>(shifted) << 23;
  const std::uint32_t in_range = magnitude < kLargest ? 0xffffffffu : 0u;
  return std::bit_cast<float>((std::bit_cast<std::uint32_t>(p) + exponent) & in_range);
}

// weights[i] = e^(scale * (logits[i] - max)); returns their sum. `weights` is parallel to `logits`.
double ExpWeights(std::span<const float> logits, float max, float scale, std::span<float> weights);

// The same sum without keeping the weights.
double SumOfExp(std::span<const float> logits, float max, float scale);

// ln of the probability of a token whose logit is the largest, at temperature 1; <= 0.
// Example: {0, 0} -> ln(1/2) = -0.693.
float LogOfLargestProbability(std::span<const float> logits);

}  // namespace turbospec
