// Time of one search, with everything remembered that a running controller remembers. Prices are a
// staircase. Names: rule, requests, draft tokens of each.
#include <benchmark/benchmark.h>

#include <vector>

#include "control/shape_search.h"
#include "core/random.h"

namespace turbospec {
namespace {

void Search(benchmark::State& state, BatchRule rule, bool drafted, bool prompt = false) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const int depth = static_cast<int>(state.range(1));
  RandomStream random(1);
  std::vector<std::vector<float>> survival(n);
  std::vector<SearchRequest> requests;
  for (std::size_t i = 0; i < n; ++i) {
    const auto rate = static_cast<float>(0.3 + 0.65 * random.Uniform());
    float survives = 1;
    for (int j = 0; j < depth; ++j) survival[i].push_back(survives *= rate);
    requests.push_back(
        {.survival = survival[i], .ready = drafted ? depth : 0, .slot = static_cast<int>(i)});
  }
  const auto stairs = [](int sequences, int rows, double) {
    return Seconds(0.02 + 0.004 * ((rows + 7) / 8) + 1e-5 * sequences);
  };
  PassPrices target(stairs);
  PassPrices draft([](int, int rows, double) { return Seconds(0.002 + 1e-5 * rows); });
  ShapeSearch search;
  const std::vector<PromptView> prompts(prompt ? 1 : 0, {.slot = static_cast<int>(n), .rows = 64});
  const SearchProblem problem{.requests = requests,
                              .target_rule = rule,
                              .draft_rule = rule,
                              .prompts = prompts,
                              .fixed_seconds = 0.001};
  for (auto _ : state) benchmark::DoNotOptimize(search.Find(problem, target, draft).value);
}

BENCHMARK_CAPTURE(Search, one_pass_before_drafting, BatchRule::kOnePass, false)
    ->Args({1, 8})
    ->Args({16, 8})
    ->Args({64, 8})
    ->Args({1024, 8});
BENCHMARK_CAPTURE(Search, one_pass_verify, BatchRule::kOnePass, true)
    ->Args({64, 8})
    ->Args({1024, 8});
BENCHMARK_CAPTURE(Search, equal_length_before_drafting, BatchRule::kEqualLength, false)
    ->Args({1, 8})
    ->Args({8, 32})
    ->Args({16, 8})
    ->Args({64, 8})
    ->Args({1024, 8});
BENCHMARK_CAPTURE(Search, equal_length_verify, BatchRule::kEqualLength, true)
    ->Args({8, 32})
    ->Args({64, 8})
    ->Args({1024, 8});
BENCHMARK_CAPTURE(Search, equal_length_beside_a_prompt, BatchRule::kEqualLength, false, true)
    ->Args({8, 32})
    ->Args({64, 8})
    ->Args({1024, 8});

}  // namespace
}  // namespace turbospec
