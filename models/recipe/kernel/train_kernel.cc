// The training kernel's C interface: forward, backward and Muon of a small Llama in bf16 on tile
// registers, with f32 master weights, f32 residual stream and f32 gradients.
// Called from amx_engine.py, from one thread; work is spread over OpenMP threads inside.
// Build: see the `kernel` step of train_pair.sh.

#include <omp.h>

#include "attention.h"
#include "muon.h"
#include "output_head.h"

namespace storypair {
namespace {

void Add(float* x, const float* y, size_t count) {
  for (size_t i = 0; i < count; ++i) x[i] += y[i];
}

void RoundRows(const float* x, int rows, int width, Bf16* out) {
  const size_t stride = PaddedStride(width);
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row)
    for (int i = 0; i < width; i += 16)
      StoreBf16(out + row * stride + i, _mm512_loadu_ps(x + row * width + i));
}

template <Store kStore>
void Apply(const Matrix& matrix, const Bf16* x, int rows, void* y, int y_stride) {
  Multiply<kStore>(InRows(x, PaddedStride(matrix.inputs)), matrix.forward.get(), All(matrix.inputs),
                   rows, matrix.outputs, y, y_stride);
}

template <Store kStore>
void ApplyBackward(const Matrix& matrix, const Bf16* dy, int rows, void* dx, int dx_stride) {
  Multiply<kStore>(InRows(dy, PaddedStride(matrix.outputs)), matrix.backward.get(),
                   All(matrix.outputs), rows, matrix.inputs, dx, dx_stride);
}

// gradient += dy^T x
void AddWeightGradient(Workspace& w, const Matrix& matrix, const Bf16* dy, const Bf16* x,
                       int rows) {
  PackLeftTransposed(dy, PaddedStride(matrix.outputs), rows, w.left_pack.get(), 0, 0,
                     matrix.outputs / 16);
  PackDirect(x, PaddedStride(matrix.inputs), rows, matrix.inputs, w.right_pack.get());
  Multiply<Store::kAccumulate>(InTiles(w.left_pack.get(), rows / 32), w.right_pack.get(), All(rows),
                               matrix.outputs, matrix.inputs, w.gradient.get() + matrix.offset,
                               matrix.inputs);
}

AttentionRows RowsOf(const Shape& shape, Workspace& w, Workspace::LayerTrace& trace, int sequence) {
  const size_t first = static_cast<size_t>(sequence) * shape.context;
  const size_t qkv = first * PaddedStride(shape.qkv_width());
  const size_t out = first * PaddedStride(shape.attention_width());
  return {trace.qkv.get() + qkv, trace.attended.get() + out,
          trace.log_sum.get() + first * shape.heads, w.dattended.get() + out, w.dqkv.get() + qkv};
}

void Forward(const Network& net, Workspace& w, const float* weights, const int32_t* tokens,
             int rows) {
  const Shape& shape = net.shape;
  const int width = shape.width;
  float* x = w.x.get();
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row)
    std::copy_n(weights + static_cast<size_t>(tokens[row]) * width, width, x + row * width);
  for (int l = 0; l < shape.layers; ++l) {
    const Layer& layer = net.layers[l];
    Workspace::LayerTrace& trace = w.traces[l];
    RmsNorm(x, rows, width, trace.attention_input.get(), trace.attention_scale.get());
    Apply<Store::kBf16>(layer.qkv, trace.attention_input.get(), rows, trace.qkv.get(),
                        PaddedStride(shape.qkv_width()));
    Rotate(net, trace.qkv.get(), rows, shape.heads + shape.kv_heads, 1.f);
    for (int sequence = 0; sequence < rows / shape.context; ++sequence)
      AttentionForward(net, w, RowsOf(shape, w, trace, sequence));
    Apply<Store::kFloat>(layer.output, trace.attended.get(), rows, w.product.get(), width);
    Add(x, w.product.get(), static_cast<size_t>(rows) * width);
    RmsNorm(x, rows, width, trace.feed_input.get(), trace.feed_scale.get());
    Apply<Store::kBf16>(layer.gate_up, trace.feed_input.get(), rows, trace.gate_up.get(),
                        PaddedStride(2 * shape.feed_forward));
    SwiGlu(trace.gate_up.get(), rows, shape.feed_forward, w.hidden.get());
    Apply<Store::kFloat>(layer.down, w.hidden.get(), rows, w.product.get(), width);
    Add(x, w.product.get(), static_cast<size_t>(rows) * width);
  }
  RmsNorm(x, rows, width, w.final_input.get(), w.final_scale.get());
}

void LayerBackward(const Network& net, Workspace& w, int l, int rows) {
  const Shape& shape = net.shape;
  const Layer& layer = net.layers[l];
  Workspace::LayerTrace& trace = w.traces[l];
  const int width = shape.width;
  RoundRows(w.dx.get(), rows, width, w.dy.get());
  ApplyBackward<Store::kBf16>(layer.down, w.dy.get(), rows, w.dhidden.get(),
                              PaddedStride(shape.feed_forward));
  SwiGluBackward(trace.gate_up.get(), w.dhidden.get(), rows, shape.feed_forward, w.dgate_up.get(),
                 w.hidden.get());
  AddWeightGradient(w, layer.down, w.dy.get(), w.hidden.get(), rows);
  ApplyBackward<Store::kFloat>(layer.gate_up, w.dgate_up.get(), rows, w.product.get(), width);
  AddWeightGradient(w, layer.gate_up, w.dgate_up.get(), trace.feed_input.get(), rows);
  RmsNormBackward(w.product.get(), trace.feed_input.get(), trace.feed_scale.get(), rows, width,
                  w.dx.get());
  RoundRows(w.dx.get(), rows, width, w.dy.get());
  ApplyBackward<Store::kBf16>(layer.output, w.dy.get(), rows, w.dattended.get(),
                              PaddedStride(shape.attention_width()));
  AddWeightGradient(w, layer.output, w.dy.get(), trace.attended.get(), rows);
  for (int sequence = 0; sequence < rows / shape.context; ++sequence)
    AttentionBackward(net, w, RowsOf(shape, w, trace, sequence));
  Rotate(net, w.dqkv.get(), rows, shape.heads + shape.kv_heads, -1.f);
  ApplyBackward<Store::kFloat>(layer.qkv, w.dqkv.get(), rows, w.product.get(), width);
  AddWeightGradient(w, layer.qkv, w.dqkv.get(), trace.attention_input.get(), rows);
  RmsNormBackward(w.product.get(), trace.attention_input.get(), trace.attention_scale.get(), rows,
                  width, w.dx.get());
}

void Backward(const Network& net, Workspace& w, const int32_t* tokens, int rows) {
  const int width = net.shape.width;
  ApplyBackward<Store::kFloat>(net.head, w.dlogits.get(), rows, w.product.get(), width);
  AddWeightGradient(w, net.head, w.dlogits.get(), w.final_input.get(), rows);
  std::fill_n(w.dx.get(), static_cast<size_t>(rows) * width, 0.f);
  RmsNormBackward(w.product.get(), w.final_input.get(), w.final_scale.get(), rows, width,
                  w.dx.get());
  for (int l = net.shape.layers - 1; l >= 0; --l) LayerBackward(net, w, l, rows);
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row)
    Add(w.gradient.get() + static_cast<size_t>(tokens[row]) * width, w.dx.get() + row * width,
        width);
}

}  // namespace
}  // namespace storypair

using storypair::Matrix;
using storypair::MuonSettings;
using storypair::Network;
using storypair::Request;
using storypair::Shape;
using storypair::Workspace;

extern "C" {

// Null if the kernel refuses the tile registers. Owned by the caller; freed by storypair_destroy.
Network* storypair_create(const Shape* shape, int threads, int rows_per_block) {
  if (!storypair::RequestTiles()) return nullptr;
  return new Network(*shape, threads, rows_per_block);
}

void storypair_destroy(Network* net) {
  delete net;
}

long storypair_weights(const Network* net) {
  return static_cast<long>(net->weights);
}

// Must follow every change of the weights.
void storypair_pack(Network* net, const float* weights) {
  std::vector<Matrix*> matrices{&net->head};
  for (storypair::Layer& layer : net->layers)
    for (Matrix* matrix : {&layer.qkv, &layer.output, &layer.gate_up, &layer.down})
      matrices.push_back(matrix);
#pragma omp parallel for schedule(dynamic, 1)
  for (size_t i = 0; i < matrices.size(); ++i) matrices[i]->Pack(weights);
}

// Runs `sequences` sequences of the full context; returns the summed loss. With a gradient scale,
// `gradient` (flat, like the weights) is overwritten.
double storypair_run(Network* net, const float* weights, const Request* request, int sequences,
                     float* gradient) {
  const int context = net->shape.context, block = net->rows_per_block;
  const bool train = request->gradient_scale != 0;
  double loss = 0;
#pragma omp parallel num_threads(static_cast <int>(net->workspaces.size())) reduction(+ : loss)
  {
    Workspace& w = net->workspaces[omp_get_thread_num()];
    storypair::ConfigureTiles();
    if (train) std::fill_n(w.gradient.get(), net->weights, 0.f);
#pragma omp for schedule(dynamic, 1)
    for (int first = 0; first < sequences; first += block) {
      const int rows = std::min(block, sequences - first) * context;
      const Request part = request->At(static_cast<size_t>(first) * context, net->shape.vocabulary);
      storypair::Forward(*net, w, weights, part.tokens, rows);
      loss += storypair::OutputHead(*net, w, part, rows);
      if (train) storypair::Backward(*net, w, part.tokens, rows);
    }
    storypair::ReleaseTiles();
  }
  if (!train) return loss;
  std::copy_n(net->workspaces[0].gradient.get(), net->weights, gradient);
  for (size_t i = 1; i < net->workspaces.size(); ++i)
    storypair::Add(gradient, net->workspaces[i].gradient.get(), net->weights);
  return loss;
}

// One Muon step for `count` matrices at `offsets` of the flat vectors.
void storypair_muon(float* weights, const float* gradient, float* momentum, int count,
                    const int64_t* offsets, const int32_t* rows, const int32_t* columns,
                    const MuonSettings* settings) {
#pragma omp parallel
  {
    storypair::ConfigureTiles();
#pragma omp for schedule(dynamic, 1)
    for (int i = 0; i < count; ++i)
      storypair::MuonStep(weights + offsets[i], gradient + offsets[i], momentum + offsets[i],
                          rows[i], columns[i], *settings);
    storypair::ReleaseTiles();
  }
}

}  // extern "C"
