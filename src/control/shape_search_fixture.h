// Random little planning problems with all their prices, for the tests of ShapeSearch.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "control/shape_search.h"
#include "core/random.h"

namespace turbospec {

// A random little world: requests with falling survival, prices that rise in steps.
struct World {
  std::vector<std::vector<float>> survival;
  std::vector<SearchRequest> requests;
  std::vector<PromptView> prompts;
  std::vector<double> target_steps;
  std::vector<double> draft_steps;
  SearchProblem problem;

  double shape_change = 0;

  PassPrices Target() const { return Prices(target_steps); }
  PassPrices Draft() const { return Prices(draft_steps); }

  PassPrices Prices(const std::vector<double>& steps) const {
    PassPrices prices([&steps](int sequences, int rows, double) {
      return Seconds(steps[static_cast<std::size_t>(rows)] + 0.05 * sequences);
    });
    const int n = static_cast<int>(requests.size());
    prices.SetShapeChange(shape_change);
    prices.SetLastPass(n, 2 * n);
    return prices;
  }
};

struct WorldOptions {
  BatchRule rule = BatchRule::kOnePass;
  bool drafted = false;  // everything is ready: verification only
  bool gaps = false;     // idle slots between the requests
  bool prompts = false;  // prompts beside and between them
};

inline std::vector<double> Staircase(RandomStream& random, double scale) {
  std::vector<double> steps = {0, scale * (1 + random.Uniform())};
  for (int rows = 2; rows < 128; ++rows) {
    const bool step = random.Uniform() < 0.4;
    steps.push_back(steps.back() + (step ? scale * random.Uniform() : 0));
  }
  return steps;
}

// The spans into `survival` forbid copying, so it is built in place.
inline void Build(World& world, std::uint64_t seed, const WorldOptions& options) {
  RandomStream random(seed);
  const int n = 1 + static_cast<int>(random.Uniform() * 4);
  const int depth = static_cast<int>(random.Uniform() * 5);
  world.survival.resize(static_cast<std::size_t>(n));
  int slot = 0;
  for (auto& survival : world.survival) {
    float survives = 1;
    const int size = static_cast<int>(random.Uniform() * (depth + 1));
    for (int j = 0; j < size; ++j) {
      survives *= static_cast<float>(random.Uniform());
      survival.push_back(survives);
    }
    if (options.gaps) slot += random.Uniform() < 0.3 ? 1 : 0;
    const int ready =
        options.drafted ? size : static_cast<int>(random.Uniform() * 1.5 * (size + 1)) % (size + 1);
    world.requests.push_back({.survival = survival,
                              .ready = ready,
                              .required = random.Uniform() < 0.15 ? ready : 0,
                              .weight = random.Uniform() < 0.3 ? 2.0F : 1.0F,
                              .slot = slot++});
  }
  world.target_steps = Staircase(random, 1);
  world.draft_steps = Staircase(random, 0.3 * random.Uniform());
  world.problem = {
      .requests = world.requests,
      .target_rule = options.rule,
      .draft_rule = options.rule,
      .target_fills_gaps = options.gaps && random.Uniform() < 0.5,
      .draft_fills_gaps = options.gaps && random.Uniform() < 0.5,
      .prefill_rows = options.rule == BatchRule::kOnePass && random.Uniform() < 0.2 ? 5 : 0,
      .first_draft_rows = 1 + static_cast<int>(random.Uniform() * 2),
      .fixed_seconds = random.Uniform(),
      .row_seconds = 0.01 * random.Uniform()};
  if (random.Uniform() < 0.5) world.problem.price = 2 * random.Uniform();
  if (random.Uniform() < 0.5) world.shape_change = 0.3 * random.Uniform();
  if (!options.prompts) return;
  for (int free = 0; free <= slot; ++free) {
    if (std::ranges::find(world.requests, free, &SearchRequest::slot) != world.requests.end())
      continue;
    if (random.Uniform() < 0.5) continue;
    world.prompts.push_back({.slot = free, .rows = 1 + static_cast<int>(random.Uniform() * 20)});
  }
  world.problem.prompts = world.prompts;
}

}  // namespace turbospec
