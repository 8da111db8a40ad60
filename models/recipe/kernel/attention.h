// Causal attention of one sequence with grouped key/value heads, 32 query rows at a time.
// Forward keeps log(sum(exp)) of each row; backward recomputes the probabilities from it.
#pragma once

#include "layers.h"
#include "matrix_product.h"

namespace storypair {

// The lanes j..j+15 of a score row that the query at `row` may see (columns 0..row).
inline __mmask16 VisibleLanes(int row, int j) {
  const int visible = row + 1 - j;
  if (visible >= 16) return 0xffff;
  return visible <= 0 ? 0 : static_cast<__mmask16>((1u << visible) - 1);
}

// Scales, masks and normalises one row of scores into bf16; returns log(sum(exp)).
inline float SoftmaxRow(float* scores, int row, int columns, float scale, Bf16* probabilities) {
  const __m512 hidden = _mm512_set1_ps(-1e30f), factor = _mm512_set1_ps(scale);
  __m512 highest = hidden;
  for (int j = 0; j < columns; j += 16) {
    const __m512 score =
        _mm512_mask_blend_ps(VisibleLanes(row, j), hidden, _mm512_loadu_ps(scores + j));
    _mm512_storeu_ps(scores + j, score);
    highest = _mm512_max_ps(highest, score);
  }
  const float peak = _mm512_reduce_max_ps(highest) * scale;
  const __m512 offset = _mm512_set1_ps(peak);
  __m512 total = _mm512_setzero_ps();
  for (int j = 0; j < columns; j += 16) {
    const __m512 weight = Exp(_mm512_fmsub_ps(_mm512_loadu_ps(scores + j), factor, offset));
    total = _mm512_add_ps(total, weight);
    _mm512_storeu_ps(scores + j, weight);
  }
  const float sum = _mm512_reduce_add_ps(total);
  const __m512 inverse = _mm512_set1_ps(1.f / sum);
  for (int j = 0; j < columns; j += 16)
    StoreBf16(probabilities + j, _mm512_mul_ps(_mm512_loadu_ps(scores + j), inverse));
  return peak + std::log(sum);
}

// Where one sequence's rows of a layer lie.
struct AttentionRows {
  const Bf16* qkv;
  Bf16* attended;
  float* log_sum;         // [heads x context]
  const Bf16* dattended;  // backward only
  Bf16* dqkv;             // backward only
};

inline void AttentionForward(const Network& net, Workspace& w, const AttentionRows& rows) {
  const Shape& shape = net.shape;
  const int context = shape.context, width = shape.head_width, group = shape.heads / shape.kv_heads;
  const int qkv_stride = PaddedStride(shape.qkv_width()), p_stride = PaddedStride(context);
  const int out_stride = PaddedStride(shape.attention_width());
  const float scale = 1.f / std::sqrt(static_cast<float>(width));
  for (int head = 0; head < shape.heads; ++head) {
    if (head % group == 0) {
      const Bf16* k = rows.qkv + (shape.heads + head / group) * width;
      PackTransposed(k, qkv_stride, context, width, w.k_pack.get());
      PackDirect(k + shape.kv_heads * width, qkv_stride, context, width, w.v_pack.get());
    }
    for (int first = 0; first < context; first += 32) {
      const Bf16* q = rows.qkv + static_cast<size_t>(first) * qkv_stride + head * width;
      const int columns = first + 32;
      Multiply<Store::kFloat>(InRows(q, qkv_stride), w.k_pack.get(), All(width), 32, columns,
                              w.scores.get(), context);
      for (int i = 0; i < 32; ++i)
        rows.log_sum[static_cast<size_t>(head) * context + first + i] =
            SoftmaxRow(w.scores.get() + static_cast<size_t>(i) * context, first + i, columns, scale,
                       w.probabilities.get() + static_cast<size_t>(i) * p_stride);
      Multiply<Store::kBf16>(InRows(w.probabilities.get(), p_stride), w.v_pack.get(),
                             {context / 32, 0, columns / 32}, 32, width,
                             rows.attended + static_cast<size_t>(first) * out_stride + head * width,
                             out_stride);
    }
  }
}

// From scores and d(probabilities) of one query row: probabilities and d(scores), both bf16.
// `mean` is sum(p * dp), which equals the dot product of the row's output and its gradient.
inline void SoftmaxRowBackward(const float* scores, const float* dp, int row, int columns,
                               float scale, float log_sum, float mean, Bf16* p, Bf16* dscores) {
  const __m512 factor = _mm512_set1_ps(scale), offset = _mm512_set1_ps(log_sum);
  const __m512 centre = _mm512_set1_ps(mean);
  for (int j = 0; j < columns; j += 16) {
    const __m512 weight = _mm512_maskz_mov_ps(
        VisibleLanes(row, j), Exp(_mm512_fmsub_ps(_mm512_loadu_ps(scores + j), factor, offset)));
    StoreBf16(p + j, weight);
    StoreBf16(dscores + j, _mm512_mul_ps(_mm512_mul_ps(weight, factor),
                                         _mm512_sub_ps(_mm512_loadu_ps(dp + j), centre)));
  }
}

// Fills w.probabilities and w.dscores of one head and writes its dq.
inline void QueryGradient(const Network& net, Workspace& w, const AttentionRows& rows, int head) {
  const Shape& shape = net.shape;
  const int context = shape.context, width = shape.head_width;
  const int qkv_stride = PaddedStride(shape.qkv_width()), p_stride = PaddedStride(context);
  const int out_stride = PaddedStride(shape.attention_width());
  const float scale = 1.f / std::sqrt(static_cast<float>(width));
  float* scores = w.scores.get();
  float* dp = scores + static_cast<size_t>(32) * context;
  for (int first = 0; first < context; first += 32) {
    const int columns = first + 32;
    const size_t out = static_cast<size_t>(first) * out_stride + head * width;
    const size_t in = static_cast<size_t>(first) * qkv_stride + head * width;
    Multiply<Store::kFloat>(InRows(rows.qkv + in, qkv_stride), w.k_pack.get(), All(width), 32,
                            columns, scores, context);
    Multiply<Store::kFloat>(InRows(rows.dattended + out, out_stride), w.v_pack.get(), All(width),
                            32, columns, dp, context);
    for (int i = 0; i < 32; ++i) {
      const Bf16* o = rows.attended + out + static_cast<size_t>(i) * out_stride;
      const Bf16* d = rows.dattended + out + static_cast<size_t>(i) * out_stride;
      float mean = 0;
      for (int j = 0; j < width; ++j) mean += ToFloat(o[j]) * ToFloat(d[j]);
      const size_t line = static_cast<size_t>(i) * context;
      const size_t kept = static_cast<size_t>(first + i) * p_stride;
      SoftmaxRowBackward(scores + line, dp + line, first + i, columns, scale,
                         rows.log_sum[static_cast<size_t>(head) * context + first + i], mean,
                         w.probabilities.get() + kept, w.dscores.get() + kept);
    }
    Multiply<Store::kBf16>(
        InRows(w.dscores.get() + static_cast<size_t>(first) * p_stride, p_stride), w.k_direct.get(),
        {context / 32, 0, columns / 32}, 32, width, rows.dqkv + in, qkv_stride);
  }
}

// sum += M^T * right, with M [context x context] lower triangular in blocks of 32.
inline void AccumulateTransposed(Workspace& w, const Bf16* m, const Bf16* right, int context,
                                 int width, float* sum) {
  const int blocks = context / 32;
  for (int first = 0; first < context; first += 32) {
    const int panel = first / 16;
    PackLeftTransposed(m, PaddedStride(context), context, w.left_pack.get(), first / 32, panel,
                       panel + 2);
    Multiply<Store::kAccumulate>(
        InTiles(w.left_pack.get() + static_cast<size_t>(panel) * blocks * kTileElements, blocks),
        right, {blocks, first / 32, blocks}, 32, width, sum + static_cast<size_t>(first) * width,
        width);
  }
}

inline void AttentionBackward(const Network& net, Workspace& w, const AttentionRows& rows) {
  const Shape& shape = net.shape;
  const int context = shape.context, width = shape.head_width, group = shape.heads / shape.kv_heads;
  const int qkv_stride = PaddedStride(shape.qkv_width());
  const int out_stride = PaddedStride(shape.attention_width());
  const size_t head_elements = static_cast<size_t>(context) * width;
  for (int kv = 0; kv < shape.kv_heads; ++kv) {
    const int k_column = (shape.heads + kv) * width, v_column = k_column + shape.kv_heads * width;
    PackTransposed(rows.qkv + k_column, qkv_stride, context, width, w.k_pack.get());
    PackDirect(rows.qkv + k_column, qkv_stride, context, width, w.k_direct.get());
    PackTransposed(rows.qkv + v_column, qkv_stride, context, width, w.v_pack.get());
    std::fill_n(w.dk.get(), head_elements, 0.f);
    std::fill_n(w.dv.get(), head_elements, 0.f);
    for (int head = kv * group; head < (kv + 1) * group; ++head) {
      QueryGradient(net, w, rows, head);
      PackDirect(rows.dattended + head * width, out_stride, context, width, w.do_pack.get());
      AccumulateTransposed(w, w.probabilities.get(), w.do_pack.get(), context, width, w.dv.get());
      PackDirect(rows.qkv + head * width, qkv_stride, context, width, w.right_pack.get());
      AccumulateTransposed(w, w.dscores.get(), w.right_pack.get(), context, width, w.dk.get());
    }
    for (size_t row = 0; row < static_cast<size_t>(context); ++row)
      for (int i = 0; i < width; ++i) {
        rows.dqkv[row * qkv_stride + k_column + i] = ToBf16(w.dk[row * width + i]);
        rows.dqkv[row * qkv_stride + v_column + i] = ToBf16(w.dv[row * width + i]);
      }
  }
}

}  // namespace storypair
