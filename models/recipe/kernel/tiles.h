// The eight tile registers that every matrix product of this kernel runs on.
// Tiles 0-3 accumulate a 32 x 32 block in f32, 4-5 hold left operands, 6-7 right operands (bf16).
// With AMX the macros are single instructions. Without it the same registers are emulated with
// AVX-512, several times slower, so that the kernel can be checked on a machine that has no AMX.
// Macros, not functions: g++ wants the register number as a literal.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

#ifdef __AMX_BF16__

#include <sys/syscall.h>
#include <unistd.h>

#define TILE_ZERO(tile) _tile_zero(tile)
#define TILE_LOAD(tile, base, stride_bytes) _tile_loadd(tile, base, stride_bytes)
#define TILE_STORE(tile, base, stride_bytes) _tile_stored(tile, base, stride_bytes)
#define TILE_MULTIPLY_ADD(sum, left, right) _tile_dpbf16ps(sum, left, right)

namespace storypair {

// Linux hands out the tile state only on request, once for each process.
inline bool RequestTiles() {
  constexpr int kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

inline void ConfigureTiles() {
  struct alignas(64) Config {
    uint8_t palette = 1, start_row = 0, reserved[14] = {};
    uint16_t row_bytes[16] = {};
    uint8_t rows[16] = {};
  } config;
  for (int tile = 0; tile < 8; ++tile) {
    config.row_bytes[tile] = 64;
    config.rows[tile] = 16;
  }
  _tile_loadconfig(&config);
}

inline void ReleaseTiles() {
  _tile_release();
}

}  // namespace storypair

#else

#define TILE_ZERO(tile) ::storypair::EmulatedZero(tile)
#define TILE_LOAD(tile, base, stride_bytes) ::storypair::EmulatedLoad(tile, base, stride_bytes)
#define TILE_STORE(tile, base, stride_bytes) ::storypair::EmulatedStore(tile, base, stride_bytes)
#define TILE_MULTIPLY_ADD(sum, left, right) ::storypair::EmulatedMultiplyAdd(sum, left, right)

namespace storypair {

struct EmulatedTiles {
  alignas(64) uint32_t words[8][16][16];
};
inline thread_local EmulatedTiles emulated;

inline void EmulatedZero(int tile) {
  std::memset(emulated.words[tile], 0, 1024);
}

inline void EmulatedLoad(int tile, const void* base, long stride_bytes) {
  for (int row = 0; row < 16; ++row)
    std::memcpy(emulated.words[tile][row], static_cast<const char*>(base) + row * stride_bytes, 64);
}

inline void EmulatedStore(int tile, void* base, long stride_bytes) {
  for (int row = 0; row < 16; ++row)
    std::memcpy(static_cast<char*>(base) + row * stride_bytes, emulated.words[tile][row], 64);
}

// Each 32-bit word of an operand is a pair of bf16 along the contracted dimension.
inline void EmulatedMultiplyAdd(int sum, int left, int right) {
  const __m512i high_half = _mm512_set1_epi32(static_cast<int>(0xffff0000u));
  for (int row = 0; row < 16; ++row) {
    __m512 total = _mm512_load_ps(emulated.words[sum][row]);
    for (int pair = 0; pair < 16; ++pair) {
      const __m512i a = _mm512_set1_epi32(static_cast<int>(emulated.words[left][row][pair]));
      const __m512i b = _mm512_load_si512(emulated.words[right][pair]);
      total = _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_slli_epi32(a, 16)),
                              _mm512_castsi512_ps(_mm512_slli_epi32(b, 16)), total);
      total = _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_and_si512(a, high_half)),
                              _mm512_castsi512_ps(_mm512_and_si512(b, high_half)), total);
    }
    _mm512_store_ps(emulated.words[sum][row], total);
  }
}

inline bool RequestTiles() {
  return true;
}
inline void ConfigureTiles() {}
inline void ReleaseTiles() {}

}  // namespace storypair

#endif
