// What recording costs the engine thread per step: arguments are requests and draft tokens each.
// The writing thread runs beside it, as it does beside an engine.
#include <benchmark/benchmark.h>

#include <chrono>
#include <thread>

#include "control/decision_ring.h"
#include "control/recording_controller.h"
#include "decisions/decision_log.h"
#include "decisions/step_line.h"

namespace turbospec {
namespace {

StepRecord Sized(const benchmark::State& state) {
  const auto requests = static_cast<std::size_t>(state.range(0));
  const auto depth = static_cast<std::size_t>(state.range(1));
  StepRecord record;
  record.planned = true;
  record.requests.resize(requests);
  for (std::size_t i = 0; i < requests; ++i) {
    record.requests[i].view.id = 1000 + i;
    record.requests[i].first = i * depth;
    record.requests[i].proposed = static_cast<int>(depth);
  }
  record.evidence.resize(requests * depth, {.confidence = -0.36787945F});
  for (std::size_t d = 1; d < depth; ++d) {
    record.keep_calls.push_back({.depth = static_cast<int>(d), .first = record.keep.size()});
    record.keep.resize(record.keep.size() + requests, KeepAnswer::kKept);
  }
  record.draft_passes.resize(depth);
  record.decision.candidates.resize(40);
  record.has_decision = true;
  return record;
}

class Nowhere final : public LogOutput {
 public:
  Status Write(std::string_view) override { return Ok(); }
};

void TakeByRing(benchmark::State& state) {
  const StepRecord record = Sized(state);
  DecisionRing ring(256);
  for (auto _ : state) ring.Take(record);
}

// At the pace of a fast engine, so that the writing thread sleeps and is woken each time.
void TakeByLog(benchmark::State& state) {
  StepRecord record = Sized(state);
  DecisionLog log(std::make_unique<Nowhere>(), {}, {}, [](const std::string&) {});
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    log.Take(record);
    const Seconds took = std::chrono::steady_clock::now() - begin;
    state.SetIterationTime(took.count());
    ++record.step;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void WriteLine(benchmark::State& state) {
  const StepRecord record = Sized(state);
  std::string line;
  for (auto _ : state) {
    line.clear();
    AppendStepLine(record, line);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(line.size()));
  state.counters["bytes"] = static_cast<double>(line.size());
}

BENCHMARK(TakeByRing)->Args({8, 4})->Args({64, 8});
BENCHMARK(TakeByLog)->Args({8, 4})->Args({64, 8})->UseManualTime()->Iterations(1000);
BENCHMARK(WriteLine)->Args({8, 4})->Args({64, 8});

}  // namespace
}  // namespace turbospec

BENCHMARK_MAIN();
