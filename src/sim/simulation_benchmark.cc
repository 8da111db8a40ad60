// Simulated tokens per second of real time, 64 slots: engine, proposers and controller included.
#include <benchmark/benchmark.h>

#include "sim/simulation.h"

namespace turbospec {
namespace {

void Simulated(benchmark::State& state, const char* controller, bool lookup) {
  Scenario scenario;
  scenario.slots = 64;
  scenario.steps = 3000;
  scenario.lookup = lookup;
  std::int64_t tokens = 0;
  for (auto _ : state) tokens += Simulate(scenario, controller)->tokens;
  state.SetItemsProcessed(tokens);
}

BENCHMARK_CAPTURE(Simulated, off, "off", false);
BENCHMARK_CAPTURE(Simulated, fixed_4, "fixed:draft=4", false);
BENCHMARK_CAPTURE(Simulated, fixed_4_with_lookup, "fixed:lookup=8,draft=4", true);
BENCHMARK_CAPTURE(Simulated, automatic, "auto", false);

}  // namespace
}  // namespace turbospec
