// Forward and backward of the row-wise parts of a layer: RMS norm (gain fixed to 1), RoPE on
// neighbouring pairs, SwiGLU. Normalised rows are kept, not the inputs.
#pragma once

#include "network.h"

namespace storypair {

inline void RmsNorm(const float* x, int rows, int width, Bf16* out, float* scale) {
  const int stride = PaddedStride(width);
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row) {
    const float* in = x + row * width;
    float squares = 0;
#pragma omp simd reduction(+ : squares)
    for (int i = 0; i < width; ++i) squares += in[i] * in[i];
    scale[row] = 1.f / std::sqrt(squares / width + 1e-5f);
    const __m512 factor = _mm512_set1_ps(scale[row]);
    for (int i = 0; i < width; i += 16)
      StoreBf16(out + row * stride + i, _mm512_mul_ps(_mm512_loadu_ps(in + i), factor));
  }
}

// dx += scale * (dy - y * mean(dy * y)), with y the normalised row.
inline void RmsNormBackward(const float* dy, const Bf16* normalised, const float* scale, int rows,
                            int width, float* dx) {
  const int stride = PaddedStride(width);
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row) {
    const float* gradient = dy + row * width;
    const Bf16* y = normalised + row * stride;
    float dot = 0;
#pragma omp simd reduction(+ : dot)
    for (int i = 0; i < width; ++i) dot += gradient[i] * ToFloat(y[i]);
    dot /= width;
    float* out = dx + row * width;
    for (int i = 0; i < width; ++i) out[i] += scale[row] * (gradient[i] - ToFloat(y[i]) * dot);
  }
}

// Rotates the first `heads` heads of every row; `direction` is 1, or -1 for the gradient.
inline void Rotate(const Network& net, Bf16* x, int rows, int heads, float direction) {
  const int width = net.shape.head_width, half = width / 2;
  const int stride = PaddedStride(net.shape.qkv_width());
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row) {
    const size_t position = row % net.shape.context;
    const float* cosine = net.cosines.get() + position * half;
    const float* sine = net.sines.get() + position * half;
    for (int head = 0; head < heads; ++head) {
      Bf16* pair = x + row * stride + head * width;
      for (int i = 0; i < half; ++i, pair += 2) {
        const float a = ToFloat(pair[0]), b = ToFloat(pair[1]), s = sine[i] * direction;
        pair[0] = ToBf16(a * cosine[i] - b * s);
        pair[1] = ToBf16(a * s + b * cosine[i]);
      }
    }
  }
}

// hidden = silu(gate) * up; a row of gate_up holds the gate first.
inline void SwiGlu(const Bf16* gate_up, int rows, int width, Bf16* hidden) {
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row) {
    const Bf16* gate = gate_up + row * PaddedStride(2 * width);
    Bf16* out = hidden + row * PaddedStride(width);
    for (int i = 0; i < width; i += 16) {
      const __m512 g = LoadBf16(gate + i);
      StoreBf16(out + i, _mm512_mul_ps(_mm512_mul_ps(g, Sigmoid(g)), LoadBf16(gate + width + i)));
    }
  }
}

// Also writes `hidden` again, which the forward pass shares between layers.
inline void SwiGluBackward(const Bf16* gate_up, const Bf16* dhidden, int rows, int width,
                           Bf16* dgate_up, Bf16* hidden) {
  const __m512 one = _mm512_set1_ps(1.f);
  const int wide = PaddedStride(2 * width), narrow = PaddedStride(width);
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row)
    for (int i = 0; i < width; i += 16) {
      const Bf16* gate = gate_up + row * wide + i;
      const __m512 g = LoadBf16(gate), up = LoadBf16(gate + width);
      const __m512 dh = LoadBf16(dhidden + row * narrow + i);
      const __m512 sigmoid = Sigmoid(g), silu = _mm512_mul_ps(g, sigmoid);
      const __m512 slope =
          _mm512_mul_ps(sigmoid, _mm512_fmadd_ps(g, _mm512_sub_ps(one, sigmoid), one));
      StoreBf16(hidden + row * narrow + i, _mm512_mul_ps(silu, up));
      Bf16* out = dgate_up + row * wide + i;
      StoreBf16(out, _mm512_mul_ps(_mm512_mul_ps(dh, up), slope));
      StoreBf16(out + width, _mm512_mul_ps(dh, silu));
    }
}

}  // namespace storypair
