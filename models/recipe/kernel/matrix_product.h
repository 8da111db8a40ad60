// C = A * B on tile registers, 32 x 32 outputs at a time. A is bf16, in rows or in packed tiles;
// B is packed (packing.h); sums are f32. The calling thread must have run ConfigureTiles().
#pragma once

#include "packing.h"
#include "tiles.h"

namespace storypair {

struct LeftOperand {
  const Bf16* data;
  size_t row_block_step;  // elements from one block of 16 rows to the next
  size_t k_block_step;    // elements from one block of 32 columns to the next
  long row_stride;        // elements
};

inline LeftOperand InRows(const Bf16* data, int stride) {
  return {data, static_cast<size_t>(16) * stride, 32, stride};
}

inline LeftOperand InTiles(const Bf16* data, int k_blocks) {
  return {data, k_blocks * kTileElements, kTileElements, 32};
}

// Blocks of 32 along the contracted dimension: how many B has, and which of them to use.
struct Contraction {
  int blocks, first, last;
};
inline Contraction All(int length) {
  return {length / 32, 0, length / 32};
}

enum class Store { kBf16, kFloat, kAccumulate };

inline void MultiplyBlocks(LeftOperand a, const Bf16* upper, const Bf16* b, Contraction k) {
  const Bf16* lower = upper + a.row_block_step;
  const Bf16* b_right = b + k.blocks * kTileElements;
  const long stride_bytes = a.row_stride * 2;
  for (size_t block = k.first; block < static_cast<size_t>(k.last); ++block) {
    TILE_LOAD(4, upper + block * a.k_block_step, stride_bytes);
    TILE_LOAD(6, b + block * kTileElements, 64);
    TILE_MULTIPLY_ADD(0, 4, 6);
    TILE_LOAD(7, b_right + block * kTileElements, 64);
    TILE_MULTIPLY_ADD(1, 4, 7);
    TILE_LOAD(5, lower + block * a.k_block_step, stride_bytes);
    TILE_MULTIPLY_ADD(2, 5, 6);
    TILE_MULTIPLY_ADD(3, 5, 7);
  }
}

inline void ClearSums() {
  TILE_ZERO(0);
  TILE_ZERO(1);
  TILE_ZERO(2);
  TILE_ZERO(3);
}

inline void LoadSums(const float* c, long stride) {
  TILE_LOAD(0, c, stride * 4);
  TILE_LOAD(1, c + 16, stride * 4);
  TILE_LOAD(2, c + 16 * stride, stride * 4);
  TILE_LOAD(3, c + 16 * stride + 16, stride * 4);
}

inline void StoreSums(float* c, long stride) {
  TILE_STORE(0, c, stride * 4);
  TILE_STORE(1, c + 16, stride * 4);
  TILE_STORE(2, c + 16 * stride, stride * 4);
  TILE_STORE(3, c + 16 * stride + 16, stride * 4);
}

// C is Bf16* or float* as kStore says. Rows go in groups of 256 so that B's panels stay in cache.
template <Store kStore>
void Multiply(LeftOperand a, const Bf16* b, Contraction k, int rows, int columns, void* c,
              int c_stride) {
  constexpr int kGroup = 256;
  alignas(64) float block[32 * 32];
  for (int group = 0; group < rows; group += kGroup)
    for (int column = 0; column < columns; column += 32) {
      const Bf16* panel = b + static_cast<size_t>(column / 16) * k.blocks * kTileElements;
      for (int row = group; row < rows && row < group + kGroup; row += 32) {
        const size_t corner = static_cast<size_t>(row) * c_stride + column;
        const Bf16* upper = a.data + (row / 16) * a.row_block_step;
        if constexpr (kStore == Store::kAccumulate)
          LoadSums(static_cast<float*>(c) + corner, c_stride);
        else
          ClearSums();
        MultiplyBlocks(a, upper, panel, k);
        if constexpr (kStore != Store::kBf16) {
          StoreSums(static_cast<float*>(c) + corner, c_stride);
        } else {
          StoreSums(block, 32);
          Bf16* out = static_cast<Bf16*>(c) + corner;
          for (size_t i = 0; i < 64; ++i)
            StoreBf16(out + i / 2 * c_stride + i % 2 * 16, _mm512_load_ps(block + i * 16));
        }
      }
    }
}

}  // namespace storypair
