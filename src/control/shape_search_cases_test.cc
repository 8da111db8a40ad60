// Problems of which the answer can be told; the random ones are in shape_search_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "control/shape_search.h"
#include "control/shape_search_fixture.h"
#include "core/random.h"

namespace turbospec {
namespace {

// A pass costs as much as three rows and a third.
TEST(ShapeSearch, PadsWhoLiesBetweenTwoThatHaveMore) {
  World world;
  world.survival = {{0.99F, 0.98F}, {}, {0.99F, 0.98F}, {0.01F}, {0.01F}, {0.01F}};
  for (int i = 0; i < 6; ++i) {
    const auto& survival = world.survival[static_cast<std::size_t>(i)];
    world.requests.push_back(
        {.survival = survival, .ready = static_cast<int>(survival.size()), .slot = i});
  }
  world.draft_steps.assign(128, 1.0);
  world.problem = {.requests = world.requests, .target_rule = BatchRule::kEqualLength, .price = 1};
  PassPrices target([](int, int rows, double) { return Seconds(1 + 0.3 * rows); });
  PassPrices draft = world.Draft();
  ShapeSearch search;
  const SearchResult result = search.Find(world.problem, target, draft);
  EXPECT_EQ(result.lengths, (std::vector<int>{2, 0, 2, 0, 0, 0}));
  EXPECT_EQ(result.padding, (std::vector<int>{0, 2, 0, 0, 0, 0}));
  EXPECT_NEAR(result.seconds, 1 + 6 * 0.3 + 1 + 6 * 0.3, 1e-9);
}

TEST(ShapeSearch, StaysWithinTheRowsOfOnePass) {
  World world;
  world.survival.assign(3, {0.99F, 0.98F, 0.97F});
  for (int i = 0; i < 3; ++i) {
    world.requests.push_back(
        {.survival = world.survival[static_cast<std::size_t>(i)], .ready = 3, .slot = i});
  }
  world.target_steps.assign(128, 1.0);
  world.draft_steps.assign(128, 1.0);
  for (const BatchRule rule : {BatchRule::kOnePass, BatchRule::kEqualLength}) {
    world.problem = {.requests = world.requests, .target_rule = rule, .max_rows = 8};
    PassPrices target = world.Target();
    PassPrices draft = world.Draft();
    ShapeSearch search;
    const SearchResult result = search.Find(world.problem, target, draft);
    EXPECT_LE(3 + std::accumulate(result.lengths.begin(), result.lengths.end(), 0), 8);
    EXPECT_GT(result.tokens, 3);
  }
}

TEST(ShapeSearch, SortsManyPlacesAsItSortsFew) {
  World world;
  RandomStream random(7);
  world.survival.resize(90);
  for (auto& survival : world.survival) {
    float survives = 1;
    for (int j = 0; j < 8; ++j)
      survival.push_back(survives *= static_cast<float>(random.Uniform()));
  }
  for (int i = 0; i < 90; ++i) {
    world.requests.push_back(
        {.survival = world.survival[static_cast<std::size_t>(i)], .ready = 8, .slot = i});
  }
  world.problem = {.requests = world.requests, .fixed_seconds = 10, .price = 1};
  PassPrices target([](int, int rows, double) { return Seconds(0.3 * rows); });
  PassPrices draft([](int, int, double) { return Seconds(1); });
  ShapeSearch search;
  const SearchResult result = search.Find(world.problem, target, draft);
  // At this price exactly the tokens that survive with more than 0.3 are worth their row.
  for (std::size_t i = 0; i < 90; ++i) {
    const auto worth_it =
        std::ranges::count_if(world.survival[i], [](float s) { return s > 0.3F; });
    EXPECT_EQ(result.lengths[i], worth_it) << i;
  }
}

}  // namespace
}  // namespace turbospec
