#include "control/shape_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "control/shape_search_fixture.h"
#include "control/shape_search_oracle_fixture.h"

namespace turbospec {
namespace {

// Calls with every vector of lengths that the problem admits.
void ForAllLengths(const World& world, const std::function<void(const std::vector<int>&)>& call) {
  std::vector<int> lengths;
  for (const SearchRequest& request : world.requests) lengths.push_back(request.required);
  for (;;) {
    call(lengths);
    std::size_t i = 0;
    while (i < lengths.size() &&
           lengths[i] == static_cast<int>(world.requests[i].survival.size())) {
      lengths[i] = world.requests[i].required;
      ++i;
    }
    if (i == lengths.size()) return;
    ++lengths[i];
  }
}

class SearchFuzz {
 public:
  // Runs `cases` worlds; `expect` gets each world, its result and prices.
  static void Run(int cases, const WorldOptions& options,
                  const std::function<void(const World&, const SearchResult&, PassPrices&,
                                           PassPrices&)>& expect) {
    ShapeSearch search;
    for (int seed = 0; seed < cases; ++seed) {
      World world;
      Build(world, static_cast<std::uint64_t>(seed), options);
      PassPrices target = world.Target();
      PassPrices draft = world.Draft();
      expect(world, search.Find(world.problem, target, draft), target, draft);
      if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
    }
  }
};

TEST(ShapeSearch, EqualsBruteForceOverAllLengthsWhenVerifyingInOnePass) {
  SearchFuzz::Run(
      60000, {.drafted = true},
      [](const World& world, const SearchResult& result, PassPrices& target, PassPrices& draft) {
        double best = -1e9;
        ForAllLengths(world, [&](const std::vector<int>& lengths) {
          best = std::max(best, OnePassValue(world, lengths, target, draft));
        });
        EXPECT_NEAR(result.value, best, 1e-6);
        EXPECT_NEAR(OnePassValue(world, result.lengths, target, draft), best, 1e-6);
      });
}

// The family, by its words: for every cap on the passes the first B of all draft tokens it reaches,
// by falling worth.
double BestOfTopSurvival(const World& world, PassPrices& target, PassPrices& draft) {
  double best = -1e9;
  for (int cap = 0; cap <= 4; ++cap) {
    std::vector<int> lengths;
    for (const SearchRequest& request : world.requests) lengths.push_back(request.required);
    for (;;) {
      best = std::max(best, OnePassValue(world, lengths, target, draft));
      int next = -1;
      float most = -1;
      int depth = 0;
      for (std::size_t i = 0; i < lengths.size(); ++i) {
        const SearchRequest& request = world.requests[i];
        const int j = lengths[i];
        if (j >= static_cast<int>(request.survival.size()) || j + 1 - request.ready > cap) continue;
        const float worth = request.weight * request.survival[static_cast<std::size_t>(j)];
        if (worth > most || (worth == most && j < depth))
          most = worth, next = static_cast<int>(i), depth = j;
      }
      if (next < 0) break;
      ++lengths[static_cast<std::size_t>(next)];
    }
  }
  return best;
}

TEST(ShapeSearch, EqualsThePlainSearchOfItsFamilyWhenDraftingInOnePass) {
  SearchFuzz::Run(
      60000, {},
      [](const World& world, const SearchResult& result, PassPrices& target, PassPrices& draft) {
        EXPECT_NEAR(result.value, BestOfTopSurvival(world, target, draft), 1e-6);
        EXPECT_NEAR(OnePassValue(world, result.lengths, target, draft), result.value, 1e-6);
      });
}

double BestOfTwoLengths(const World& world, PassPrices& target, PassPrices& draft) {
  const std::size_t n = world.requests.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  const auto worth = [&](std::size_t i) {
    double sum = 0;
    for (const float survives : world.requests[i].survival) {
      sum += world.requests[i].weight * survives;
    }
    return sum;
  };
  std::ranges::stable_sort(order, std::ranges::greater{}, worth);
  int least = 0;
  int longest = 0;
  for (const SearchRequest& request : world.requests) {
    least = std::max(least, request.required);
    longest = std::max(longest, static_cast<int>(request.survival.size()));
  }
  double best = -1e9;
  for (int shorter = least; shorter <= longest; ++shorter) {
    for (int longer = shorter; longer <= longest; ++longer) {
      for (std::size_t m = 0; m < n; ++m) {
        std::vector<int> lengths(n, shorter);
        for (std::size_t rank = 0; rank < m; ++rank) lengths[order[rank]] = longer;
        best = std::max(best, EqualLengthValue(world, lengths, target, draft));
      }
    }
  }
  return best;
}

TEST(ShapeSearch, EqualsThePlainSearchOfItsFamilyInEqualLengthPasses) {
  SearchFuzz::Run(
      60000, {.rule = BatchRule::kEqualLength, .gaps = true},
      [](const World& world, const SearchResult& result, PassPrices& target, PassPrices& draft) {
        EXPECT_NEAR(result.value, BestOfTwoLengths(world, target, draft), 1e-6);
        EXPECT_NEAR(ValueOf(world.problem, result.tokens, result.seconds), result.value, 1e-6);
      });
}

// Some neighbours all have more rows than `least`: one pass to the model, two in the plan.
bool SomeRunIsLonger(const std::vector<int>& rows_by_slot, int least) {
  int least_of_run = 0;  // 0 = between runs
  for (const int rows : rows_by_slot) {
    if (rows == 0 && least_of_run > least) return true;
    if (rows == 0 || least_of_run == 0) least_of_run = rows;
    least_of_run = std::min(least_of_run, rows);
  }
  return least_of_run > least;
}

// Padding included.
TEST(ShapeSearch, TheModelMakesThePassesOfThePlan) {
  SearchFuzz::Run(20000, {.rule = BatchRule::kEqualLength, .drafted = true, .gaps = true},
                  [](const World& world, const SearchResult& result, PassPrices& target,
                     PassPrices& /*draft*/) {
                    if (world.problem.target_fills_gaps) return;
                    std::vector<int> rows(static_cast<std::size_t>(world.requests.back().slot) + 1);
                    double tokens = 0;
                    double verified = 0;
                    for (std::size_t i = 0; i < world.requests.size(); ++i) {
                      const SearchRequest& request = world.requests[i];
                      rows[static_cast<std::size_t>(request.slot)] =
                          1 + result.lengths[i] + result.padding[i];
                      tokens += request.weight;
                      for (int j = 0; j < result.lengths[i]; ++j) {
                        tokens += request.weight * request.survival[static_cast<std::size_t>(j)];
                      }
                      verified += 1 + result.lengths[i];
                    }
                    EXPECT_NEAR(result.tokens, tokens, 1e-6);
                    if (SomeRunIsLonger(rows, 1 + std::ranges::min(result.lengths))) return;
                    EXPECT_NEAR(result.seconds,
                                world.problem.fixed_seconds + verified * world.problem.row_seconds +
                                    SplitSeconds(rows, target),
                                1e-6);
                  });
}

TEST(ShapeSearch, KnowsThatPromptsRideInThePassesOfTheirNeighbours) {
  SearchFuzz::Run(
      30000, {.rule = BatchRule::kEqualLength, .gaps = true, .prompts = true},
      [](const World& world, const SearchResult& result, PassPrices& target, PassPrices& draft) {
        EXPECT_NEAR(result.value, BestOfTwoLengths(world, target, draft), 1e-6);
      });
}

// How much the family leaves against every vector of lengths, each priced as the model cuts it.
TEST(ShapeSearch, LosesLittleAgainstAllLengthsInEqualLengthPasses) {
  double sum = 0;
  int cases = 0;
  SearchFuzz::Run(
      20000, {.rule = BatchRule::kEqualLength, .drafted = true},
      [&](const World& world, const SearchResult& result, PassPrices& target, PassPrices& draft) {
        if (world.problem.price) return;
        double best = result.value;
        ForAllLengths(world, [&](const std::vector<int>& lengths) {
          const Outcome outcome = Evaluate(world, lengths, draft);
          double seconds =
              world.problem.fixed_seconds +
              world.problem.row_seconds * (static_cast<double>(lengths.size()) + outcome.verified);
          std::vector<int> rows = lengths;
          for (int& r : rows) ++r;
          best = std::max(best, outcome.tokens / (seconds + SplitSeconds(rows, target)));
        });
        sum += result.value / best;
        ++cases;
      });
  EXPECT_GT(sum / cases, 0.99);
}

}  // namespace
}  // namespace turbospec
