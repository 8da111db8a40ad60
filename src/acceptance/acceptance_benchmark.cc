// What the acceptance predictor adds to a step: every request asked, and taught, at every depth.
// All of it in one thread, warm, without the engine around it; the figure is the time for all
// requests.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <vector>

#include "acceptance/acceptance_predictor.h"
#include "core/random.h"

namespace turbospec {
namespace {

struct Batch {
  explicit Batch(benchmark::State& state)
      : requests(static_cast<int>(state.range(0))),
        depth(static_cast<int>(state.range(1))),
        predictor({.reserved_requests = requests}) {
    RandomStream random(5);
    for (int r = 0; r < requests; ++r) {
      handles.push_back(predictor.Find(static_cast<RequestId>(r)));
      auto& tokens = evidence.emplace_back();
      for (int j = 0; j < depth; ++j) {
        const auto q = static_cast<float>(0.3 + 0.699 * random.Uniform());
        tokens.push_back({.confidence = std::log(q)});
      }
    }
    for (int step = 0; step < 20; ++step) {
      Learn();
      predictor.Tick();
    }
  }

  // Everything verified; request r has r mod (depth + 1) tokens accepted.
  void Learn() {
    for (std::size_t r = 0; r < evidence.size(); ++r) {
      const int accepted = static_cast<int>(r) % (depth + 1);
      predictor.Learn(static_cast<RequestId>(r),
                      {.evidence = evidence[r],
                       .verified = depth,
                       .accepted = accepted,
                       .committed = accepted + 1},
                      true);
    }
  }

  int requests;
  int depth;
  AcceptancePredictor predictor;
  std::vector<AcceptancePredictor::Handle> handles;
  std::vector<std::vector<DraftEvidence>> evidence;
};

void BM_ExpectedByDraft(benchmark::State& state) {
  Batch batch(state);
  std::vector<double> a(static_cast<std::size_t>(batch.depth));
  for (auto _ : state) {
    for (const auto handle : batch.handles) {
      batch.predictor.Expected(handle, ProposerKind::kDraftModel, 1, {}, a);
      benchmark::DoNotOptimize(a.data());
      benchmark::ClobberMemory();
    }
  }
}

void BM_ExpectedByLookup(benchmark::State& state) {
  Batch batch(state);
  const LookupMatch match{.length = 4, .occurrences = 3, .agreeing = 2, .available = 32};
  std::vector<double> a(static_cast<std::size_t>(batch.depth));
  for (auto _ : state) {
    for (const auto handle : batch.handles) {
      batch.predictor.Expected(handle, ProposerKind::kPromptLookup, 1, match, a);
      benchmark::DoNotOptimize(a.data());
      benchmark::ClobberMemory();
    }
  }
}

void BM_Given(benchmark::State& state) {
  Batch batch(state);
  std::vector<double> a(static_cast<std::size_t>(batch.depth));
  for (auto _ : state) {
    for (std::size_t r = 0; r < batch.handles.size(); ++r) {
      batch.predictor.Given(batch.handles[r], batch.evidence[r], a);
      benchmark::DoNotOptimize(a.data());
      benchmark::ClobberMemory();
    }
  }
}

void BM_Learn(benchmark::State& state) {
  Batch batch(state);
  for (auto _ : state) batch.Learn();
}

void BM_Tick(benchmark::State& state) {
  Batch batch(state);
  for (auto _ : state) batch.predictor.Tick();
}

void BM_LearnAndTick(benchmark::State& state) {
  Batch batch(state);
  for (auto _ : state) {
    batch.Learn();
    batch.predictor.Tick();
  }
}

#define BATCHES Args({1, 8})->Args({64, 8})->Args({1024, 8})->Unit(benchmark::kMicrosecond)
BENCHMARK(BM_ExpectedByDraft)->BATCHES;
BENCHMARK(BM_ExpectedByLookup)->BATCHES;
BENCHMARK(BM_Given)->BATCHES;
BENCHMARK(BM_Learn)->BATCHES;
BENCHMARK(BM_Tick)->BATCHES;
BENCHMARK(BM_LearnAndTick)->BATCHES;

}  // namespace
}  // namespace turbospec
