// Logits, loss and their gradient, 256 rows at a time so that f32 logits stay in cache.
#pragma once

#include "matrix_product.h"
#include "network.h"

namespace storypair {

// What one call asks for, all rows [n x ...]; null pointers are left out.
struct Request {
  const int32_t* tokens;
  const int32_t* targets;  // < 0: this row has no loss and no gradient
  const Bf16* teacher;     // [n x vocabulary] probabilities to imitate
  float teacher_share;     // gradient = share * teacher + (1 - share) * target
  float gradient_scale;    // 0: evaluate only
  Bf16* probabilities;     // out [n x vocabulary]
  int32_t* best;           // out [n] most likely token

  Request At(size_t row, size_t vocabulary) const {
    const auto skip = [](auto* pointer, size_t by) { return pointer ? pointer + by : pointer; };
    return {tokens + row,   skip(targets, row), skip(teacher, row * vocabulary),
            teacher_share,  gradient_scale,     skip(probabilities, row * vocabulary),
            skip(best, row)};
  }
};

// Turns logits into exp(logit - peak) in place.
inline void ExpRow(float* logits, int count, float* peak, float* sum) {
  __m512 highest = _mm512_set1_ps(-1e30f), total = _mm512_setzero_ps();
  for (int j = 0; j < count; j += 16) highest = _mm512_max_ps(highest, _mm512_loadu_ps(logits + j));
  *peak = _mm512_reduce_max_ps(highest);
  for (int j = 0; j < count; j += 16) {
    const __m512 weight = Exp(_mm512_sub_ps(_mm512_loadu_ps(logits + j), _mm512_set1_ps(*peak)));
    total = _mm512_add_ps(total, weight);
    _mm512_storeu_ps(logits + j, weight);
  }
  *sum = _mm512_reduce_add_ps(total);
}

inline void LogitGradientRow(float* weights, int count, float inverse_sum, const Request& request,
                             size_t row, Bf16* out) {
  const int target = request.targets[row];
  if (target < 0) {
    std::fill_n(out, count, Bf16{0});
    return;
  }
  for (int j = 0; j < count; ++j) weights[j] *= inverse_sum;
  float target_share = 1.f;
  if (request.teacher) {
    const Bf16* teacher = request.teacher + row * count;
    target_share -= request.teacher_share;
    for (int j = 0; j < count; ++j) weights[j] -= request.teacher_share * ToFloat(teacher[j]);
  }
  weights[target] -= target_share;
  const __m512 scale = _mm512_set1_ps(request.gradient_scale);
  for (int j = 0; j < count; j += 16)
    StoreBf16(out + j, _mm512_mul_ps(_mm512_loadu_ps(weights + j), scale));
}

// Returns the summed cross-entropy against the targets; fills w.dlogits if a gradient is asked for.
inline double OutputHead(const Network& net, Workspace& w, const Request& request, int rows) {
  constexpr int kChunk = 256;
  const int vocabulary = net.shape.vocabulary, in_stride = PaddedStride(net.shape.width);
  double loss = 0;
  for (int first = 0; first < rows; first += kChunk) {
    const int count = std::min(kChunk, rows - first);
    Multiply<Store::kFloat>(
        InRows(w.final_input.get() + static_cast<size_t>(first) * in_stride, in_stride),
        net.head.forward.get(), All(net.shape.width), count, vocabulary, w.scores.get(),
        vocabulary);
    for (int i = 0; i < count; ++i) {
      const size_t row = first + i;
      float* logits = w.scores.get() + static_cast<size_t>(i) * vocabulary;
      const int target = request.targets ? request.targets[row] : -1;
      const float target_logit = target >= 0 ? logits[target] : 0.f;
      if (request.best)
        request.best[row] =
            static_cast<int32_t>(std::max_element(logits, logits + vocabulary) - logits);
      float peak, sum;
      ExpRow(logits, vocabulary, &peak, &sum);
      if (target >= 0) loss += std::log(sum) + peak - target_logit;
      if (request.probabilities)
        for (int j = 0; j < vocabulary; ++j)
          request.probabilities[row * vocabulary + j] = ToBf16(logits[j] / sum);
      if (request.gradient_scale != 0)
        LogitGradientRow(logits, vocabulary, 1.f / sum, request, row,
                         w.dlogits.get() + row * PaddedStride(vocabulary));
    }
  }
  return loss;
}

}  // namespace storypair
