// Muon for one matrix: momentum, five Newton-Schulz steps that push all singular values of the
// update towards one, decoupled weight decay. Works on the shorter side of the matrix.
#pragma once

#include "matrix_product.h"

namespace storypair {

struct MuonSettings {
  float momentum, learning_rate, weight_decay;
};

// X <- a X + (b A + c A^2) X with A = X X^T; the polynomial's slope at 0 is what pulls small
// singular values up. X [m x k], m <= k, in bf16; the last product also stays in f32 in `exact`.
inline void NewtonSchulz(Bf16* x, int m, int k, float* exact) {
  constexpr float kA = 3.4445f, kB = -4.7750f, kC = 2.0315f;
  const int x_stride = PaddedStride(k), a_stride = PaddedStride(m);
  Buffer<Bf16> a = Allocate<Bf16>(static_cast<size_t>(m) * a_stride);
  Buffer<Bf16> packed = Allocate<Bf16>(static_cast<size_t>(m) * k);
  Buffer<float> square = Allocate<float>(static_cast<size_t>(m) * m);
  for (int step = 0; step < 5; ++step) {
    PackTransposed(x, x_stride, m, k, packed.get());
    Multiply<Store::kBf16>(InRows(x, x_stride), packed.get(), All(k), m, m, a.get(), a_stride);
    PackDirect(a.get(), a_stride, m, m, packed.get());
    Multiply<Store::kFloat>(InRows(a.get(), a_stride), packed.get(), All(m), m, m, square.get(), m);
    for (size_t i = 0; i < static_cast<size_t>(m); ++i)
      for (int j = 0; j < m; ++j) {
        Bf16& entry = a[i * a_stride + j];
        entry = ToBf16(kB * ToFloat(entry) + kC * square[i * m + j]);
      }
    PackDirect(x, x_stride, m, k, packed.get());
    Multiply<Store::kFloat>(InRows(a.get(), a_stride), packed.get(), All(m), m, k, exact, k);
    for (size_t i = 0; i < static_cast<size_t>(m); ++i)
      for (int j = 0; j < k; ++j) {
        Bf16& entry = x[i * x_stride + j];
        float& value = exact[i * k + j];
        value += kA * ToFloat(entry);
        entry = ToBf16(value);
      }
  }
}

inline void MuonStep(float* weights, const float* gradient, float* momentum, int rows, int columns,
                     const MuonSettings& settings) {
  const bool tall = rows > columns;
  const int m = tall ? columns : rows, k = tall ? rows : columns;
  const size_t count = static_cast<size_t>(rows) * columns;
  Buffer<float> update = Allocate<float>(count), exact = Allocate<float>(count);
  double squares = 0;
  for (size_t i = 0; i < count; ++i) {
    momentum[i] = settings.momentum * momentum[i] + gradient[i];
    update[i] = gradient[i] + settings.momentum * momentum[i];
    squares += static_cast<double>(update[i]) * update[i];
  }
  const float inverse = 1.f / (static_cast<float>(std::sqrt(squares)) + 1e-12f);
  const size_t stride = PaddedStride(k);
  Buffer<Bf16> x = Allocate<Bf16>(m * stride);
  for (size_t i = 0; i < static_cast<size_t>(m); ++i)
    for (size_t j = 0; j < static_cast<size_t>(k); ++j)
      x[i * stride + j] = ToBf16(inverse * update[tall ? j * columns + i : i * columns + j]);
  NewtonSchulz(x.get(), m, k, exact.get());
  const float step =
      settings.learning_rate * std::sqrt(std::max(1.f, static_cast<float>(rows) / columns));
  const float keep = 1.f - settings.weight_decay * settings.learning_rate;
  for (size_t i = 0; i < static_cast<size_t>(rows); ++i)
    for (size_t j = 0; j < static_cast<size_t>(columns); ++j) {
      float& weight = weights[i * columns + j];
      weight = weight * keep - step * exact[tall ? j * k + i : i * k + j];
    }
}

}  // namespace storypair
