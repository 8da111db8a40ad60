// bf16 conversion, 16-wide exp and sigmoid, and aligned buffers.
// Everything is inline and branch-free over 16 floats; rows are always a multiple of 32 long.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace storypair {

using Bf16 = uint16_t;

inline float ToFloat(Bf16 value) {
  const uint32_t bits = static_cast<uint32_t>(value) << 16;
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

inline Bf16 ToBf16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return static_cast<Bf16>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);  // round to nearest even
}

inline __m512 LoadBf16(const Bf16* from) {
  const __m256i half = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

inline void StoreBf16(Bf16* to, __m512 value) {
#ifdef __AVX512BF16__
  const __m256i half = (__m256i)_mm512_cvtneps_pbh(value);
#else
  const __m512i bits = _mm512_castps_si512(value);
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i rounded = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
  const __m256i half = _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16));
#endif
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), half);
}

// exp(x) = 2^n * 2^f with |f| <= 1/2 and a polynomial of degree five; relative error about 1e-7.
inline __m512 Exp(__m512 x) {
  constexpr float kCoefficients[] = {9.6706810e-3f, 5.5503324e-2f, 2.4022651e-1f, 6.9314718e-1f,
                                     1.f};
  x = _mm512_max_ps(x, _mm512_set1_ps(-87.f));
  const __m512 scaled = _mm512_mul_ps(x, _mm512_set1_ps(1.44269504f));
  const __m512 whole = _mm512_roundscale_ps(scaled, 0);
  const __m512 fraction = _mm512_sub_ps(scaled, whole);
  __m512 sum = _mm512_set1_ps(1.3534167e-3f);
  for (const float coefficient : kCoefficients)
    sum = _mm512_fmadd_ps(sum, fraction, _mm512_set1_ps(coefficient));
  return _mm512_scalef_ps(sum, whole);
}

inline __m512 Sigmoid(__m512 x) {
  const __m512 one = _mm512_set1_ps(1.f);
  return _mm512_div_ps(one, _mm512_add_ps(one, Exp(_mm512_sub_ps(_mm512_setzero_ps(), x))));
}

// The row stride in elements: an odd multiple of 32, so that the rows of a tile spread over the
// cache sets instead of evicting each other.
inline int PaddedStride(int columns) {
  return ((columns / 32) | 1) * 32;
}

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};
template <typename T>
using Buffer = std::unique_ptr<T[], FreeMemory>;

// Zeroed, 64-byte aligned, with a page to spare because vector loads may run past the end.
template <typename T>
Buffer<T> Allocate(size_t count) {
  const size_t bytes = (count * sizeof(T) + 4095) / 4096 * 4096 + 4096;
  void* memory = std::aligned_alloc(64, bytes);
  std::memset(memory, 0, bytes);
  return Buffer<T>(static_cast<T*>(memory));
}

}  // namespace storypair
