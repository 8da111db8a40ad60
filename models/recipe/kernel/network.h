// The shape of a small Llama, where its matrices lie in one flat f32 vector, their packed bf16
// copies, and the activations that one thread keeps between forward and backward.
// Order of the flat vector (network.py says the same): embedding [vocabulary x width]; for each
// layer q, k, v, output, gate, up, down; then the head, unless it is tied to the embedding.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "packing.h"

namespace storypair {

// Every size is a multiple of 32. Mirrored by a ctypes structure in amx_engine.py.
struct Shape {
  int vocabulary, width, layers, heads, kv_heads, head_width, feed_forward, context, tied;
  float rope_base;

  int attention_width() const { return heads * head_width; }
  int qkv_width() const { return (heads + 2 * kv_heads) * head_width; }
};

// y = x W^T with W [outputs x inputs] at `offset` of the flat vector.
struct Matrix {
  int outputs, inputs;
  size_t offset;
  Buffer<Bf16> forward, backward;  // packed for x W^T and for dy W

  Matrix(int outputs_in, int inputs_in, size_t offset_in)
      : outputs(outputs_in),
        inputs(inputs_in),
        offset(offset_in),
        forward(Allocate<Bf16>(size())),
        backward(Allocate<Bf16>(size())) {}
  size_t size() const { return static_cast<size_t>(outputs) * inputs; }

  void Pack(const float* weights) {
    Buffer<Bf16> rounded = Allocate<Bf16>(size());
    for (size_t i = 0; i < size(); ++i) rounded[i] = ToBf16(weights[offset + i]);
    PackTransposed(rounded.get(), inputs, outputs, inputs, forward.get());
    PackDirect(rounded.get(), inputs, outputs, inputs, backward.get());
  }
};

struct Layer {
  Matrix qkv, output, gate_up, down;
};

// One thread's activations for up to `rows` tokens.
struct Workspace {
  struct LayerTrace {
    Buffer<Bf16> attention_input, qkv, attended, feed_input, gate_up;
    Buffer<float> attention_scale, feed_scale, log_sum;
  };
  std::vector<LayerTrace> traces;
  Buffer<float> x, dx, product, scores, final_scale, dk, dv, gradient;
  Buffer<Bf16> final_input, hidden, dy, dhidden, dgate_up, dattended, dqkv, dlogits;
  Buffer<Bf16> left_pack, right_pack, probabilities, dscores, k_pack, v_pack, k_direct, do_pack;

  Workspace(const Shape& shape, size_t rows, size_t weights) {
    const auto bf16 = [&](int columns) { return Allocate<Bf16>(rows * PaddedStride(columns)); };
    const size_t context = shape.context, head = context * shape.head_width;
    const int widest_input = std::max({shape.feed_forward, shape.qkv_width(), shape.width});
    const int widest = std::max({shape.vocabulary, 2 * shape.feed_forward, widest_input});
    for (int layer = 0; layer < shape.layers; ++layer)
      traces.push_back({bf16(shape.width), bf16(shape.qkv_width()), bf16(shape.attention_width()),
                        bf16(shape.width), bf16(2 * shape.feed_forward), Allocate<float>(rows),
                        Allocate<float>(rows), Allocate<float>(rows * shape.heads)});
    for (Buffer<float>* buffer : {&x, &dx, &product}) *buffer = Allocate<float>(rows * shape.width);
    scores = Allocate<float>(std::max<size_t>(256ul * shape.vocabulary, 64 * context));
    final_scale = Allocate<float>(rows);
    for (Buffer<float>* buffer : {&dk, &dv}) *buffer = Allocate<float>(head);
    gradient = Allocate<float>(weights);
    for (Buffer<Bf16>* buffer : {&final_input, &dy}) *buffer = bf16(shape.width);
    for (Buffer<Bf16>* buffer : {&hidden, &dhidden}) *buffer = bf16(shape.feed_forward);
    dgate_up = bf16(2 * shape.feed_forward);
    dattended = bf16(shape.attention_width());
    dqkv = bf16(shape.qkv_width());
    dlogits = bf16(shape.vocabulary);
    left_pack = Allocate<Bf16>(std::max(rows * widest, context * context));
    right_pack = Allocate<Bf16>(rows * widest_input);
    for (Buffer<Bf16>* buffer : {&probabilities, &dscores})
      *buffer = Allocate<Bf16>(context * PaddedStride(shape.context));
    for (Buffer<Bf16>* buffer : {&k_pack, &v_pack, &k_direct, &do_pack})
      *buffer = Allocate<Bf16>(head);
  }
};

struct Network {
  Shape shape;
  std::vector<Layer> layers;
  size_t weights = 0, embedding = 0;
  Matrix head;
  Buffer<float> cosines, sines;  // [context x head_width / 2]
  std::vector<Workspace> workspaces;
  int rows_per_block;  // sequences that a thread takes at once

  Network(const Shape& shape_in, int threads, int rows_per_block_in)
      : shape(shape_in),
        layers(PlaceLayers(shape_in)),
        head(shape.vocabulary, shape.width, shape.tied ? 0 : EndOfLayers()),
        rows_per_block(rows_per_block_in) {
    weights = EndOfLayers() + (shape.tied ? 0 : head.size());
    const int half = shape.head_width / 2;
    cosines = Allocate<float>(static_cast<size_t>(shape.context) * half);
    sines = Allocate<float>(static_cast<size_t>(shape.context) * half);
    for (int t = 0; t < shape.context; ++t)
      for (int i = 0; i < half; ++i) {
        const double angle = t * std::pow(double{shape.rope_base}, -2.0 * i / shape.head_width);
        cosines[t * half + i] = static_cast<float>(std::cos(angle));
        sines[t * half + i] = static_cast<float>(std::sin(angle));
      }
    for (int thread = 0; thread < threads; ++thread)
      workspaces.emplace_back(shape, static_cast<size_t>(rows_per_block) * shape.context, weights);
  }

  size_t EndOfLayers() const { return layers.back().down.offset + layers.back().down.size(); }

 private:
  static std::vector<Layer> PlaceLayers(const Shape& shape) {
    std::vector<Layer> placed;
    size_t next = static_cast<size_t>(shape.vocabulary) * shape.width;
    const auto place = [&](int outputs, int inputs) {
      Matrix matrix(outputs, inputs, next);
      next += matrix.size();
      return matrix;
    };
    for (int layer = 0; layer < shape.layers; ++layer)
      placed.push_back(
          {place(shape.qkv_width(), shape.width), place(shape.width, shape.attention_width()),
           place(2 * shape.feed_forward, shape.width), place(shape.width, shape.feed_forward)});
    return placed;
  }
};

}  // namespace storypair
