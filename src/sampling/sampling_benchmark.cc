// What one row of sampling costs, by vocabulary. Times the call alone on logits that fall as a
// language model's do (few likely tokens, a long tail); memory is warm.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <vector>

#include "core/random.h"
#include "sampling/distribution.h"
#include "sampling/rejection.h"
#include "sampling/softmax.h"

namespace turbospec {
namespace {

// Sums of uniforms, stretched: `spread` is the standard deviation of the logits.
std::vector<float> SomeLogits(benchmark::State& state, double spread = 3.0) {
  RandomStream random(7);
  std::vector<float> logits(static_cast<std::size_t>(state.range(0)));
  for (float& logit : logits) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += random.Uniform();
    logit = static_cast<float>(spread * sum);
  }
  return logits;
}

void BM_ArgMax(benchmark::State& state) {
  const std::vector<float> logits = SomeLogits(state);
  for (auto _ : state) benchmark::DoNotOptimize(ArgMax(logits));
}

void BM_LogOfLargestProbability(benchmark::State& state) {
  const std::vector<float> logits = SomeLogits(state);
  for (auto _ : state) benchmark::DoNotOptimize(LogOfLargestProbability(logits));
}

void RunTransform(benchmark::State& state, const SamplingParameters& parameters, double spread) {
  const std::vector<float> logits = SomeLogits(state, spread);
  Distribution out;
  for (auto _ : state) {
    Transform(logits, parameters, out);
    benchmark::DoNotOptimize(Draw(out, 0.5));
  }
  state.counters["support"] = static_cast<double>(out.tokens.size());
}

void BM_Temperature(benchmark::State& state) {
  RunTransform(state, {.temperature = 0.8}, 3.0);
}
void BM_TopK40TopP95(benchmark::State& state) {
  RunTransform(state, {.temperature = 0.8, .top_k = 40, .top_p = 0.95}, 3.0);
}
void BM_TopP95(benchmark::State& state) {
  RunTransform(state, {.temperature = 0.8, .top_p = 0.95}, 3.0);
}
void BM_TopP95Flat(benchmark::State& state) {
  RunTransform(state, {.temperature = 1.0, .top_p = 0.95}, 0.5);
}
void BM_MinP(benchmark::State& state) {
  RunTransform(state, {.temperature = 0.8, .min_p = 0.05}, 3.0);
}

void BM_VerifyByRejection(benchmark::State& state) {
  const SamplingParameters parameters{.temperature = 1.0};
  Distribution p;
  Distribution q;
  Transform(SomeLogits(state, 3.0), parameters, p);
  Transform(SomeLogits(state, 2.0), parameters, q);
  for (auto _ : state) {
    benchmark::DoNotOptimize(VerifyByRejection(p, q, 1, 0.999999999, 0.5));
  }
}

#define BOTH_VOCABULARIES Arg(4096)->Arg(131072)->Unit(benchmark::kMicrosecond)
BENCHMARK(BM_ArgMax)->BOTH_VOCABULARIES;
BENCHMARK(BM_LogOfLargestProbability)->BOTH_VOCABULARIES;
BENCHMARK(BM_Temperature)->BOTH_VOCABULARIES;
BENCHMARK(BM_TopK40TopP95)->BOTH_VOCABULARIES;
BENCHMARK(BM_TopP95)->BOTH_VOCABULARIES;
BENCHMARK(BM_TopP95Flat)->BOTH_VOCABULARIES;
BENCHMARK(BM_MinP)->BOTH_VOCABULARIES;
BENCHMARK(BM_VerifyByRejection)->BOTH_VOCABULARIES;

}  // namespace
}  // namespace turbospec
