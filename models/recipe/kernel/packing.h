// Rearranges bf16 matrices into the 1 KiB tiles (512 bf16) that the tile registers load.
// A right operand pairs neighbouring elements of the contracted dimension in one 32-bit word.
// All sizes are multiples of 32. Panels are ordered [16 outputs][32 contracted].
#pragma once

#include "vector_math.h"

namespace storypair {

inline constexpr size_t kTileElements = 512;

// Transposes a 16 x 16 block of 32-bit words in registers.
inline void Transpose16(__m512i r[16]) {
  __m512i t[16];
  for (int i = 0; i < 8; ++i) {
    t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
  }
  for (int i = 0; i < 4; ++i) {
    r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
    r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
    r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
  }
}

inline void StoreTile(const __m512i rows[16], Bf16* tile) {
  for (int i = 0; i < 16; ++i) _mm512_store_si512(tile + i * 32, rows[i]);
}

// Word j of the result holds (even[j], odd[j]).
inline __m512i Interleave(const Bf16* even, const Bf16* odd) {
  const auto widen = [](const Bf16* from) {
    return _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
  };
  return _mm512_or_si512(widen(even), _mm512_slli_epi32(widen(odd), 16));
}

// The right operand of A * X^T: contracted over the columns of X [rows x columns].
inline void PackTransposed(const Bf16* x, int stride, int rows, int columns, Bf16* packed) {
  const int k_blocks = columns / 32;
  for (int panel = 0; panel < rows / 16; ++panel)
    for (int k = 0; k < k_blocks; ++k) {
      __m512i words[16];
      for (int i = 0; i < 16; ++i)
        words[i] = _mm512_loadu_si512(x + static_cast<size_t>(panel * 16 + i) * stride + k * 32);
      Transpose16(words);
      StoreTile(words, packed + (static_cast<size_t>(panel) * k_blocks + k) * kTileElements);
    }
}

// The right operand of A * X: contracted over the rows of X [rows x columns].
inline void PackDirect(const Bf16* x, int stride, int rows, int columns, Bf16* packed) {
  const int k_blocks = rows / 32;
  for (int k = 0; k < k_blocks; ++k)
    for (int panel = 0; panel < columns / 16; ++panel) {
      const Bf16* corner = x + static_cast<size_t>(k) * 32 * stride + panel * 16;
      Bf16* tile = packed + (static_cast<size_t>(panel) * k_blocks + k) * kTileElements;
      for (size_t i = 0; i < 16; ++i) {
        const Bf16* even = corner + 2 * i * stride;
        _mm512_store_si512(tile + i * 32, Interleave(even, even + stride));
      }
    }
}

// The left operand of X^T * B, contracted over the rows of X. Only the panels (16 columns of X)
// of [first_panel, last_panel) and the row blocks from first_k on are written.
inline void PackLeftTransposed(const Bf16* x, int stride, int rows, Bf16* packed, int first_k,
                               int first_panel, int last_panel) {
  const int k_blocks = rows / 32;
  for (int k = first_k; k < k_blocks; ++k)
    for (int panel = first_panel; panel < last_panel; ++panel) {
      const Bf16* corner = x + static_cast<size_t>(k) * 32 * stride + panel * 16;
      __m512i words[16];
      for (size_t i = 0; i < 16; ++i) {
        const Bf16* even = corner + 2 * i * stride;
        words[i] = Interleave(even, even + stride);
      }
      Transpose16(words);
      StoreTile(words, packed + (static_cast<size_t>(panel) * k_blocks + k) * kTileElements);
    }
}

}  // namespace storypair
