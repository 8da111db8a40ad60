#include "control/shape_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "control/shape_search_fixture.h"

namespace turbospec {
namespace {

double ValueOf(const SearchProblem& problem, double tokens, double seconds) {
  return problem.price ? tokens - *problem.price * seconds : tokens / seconds;
}

struct Outcome {
  double tokens = 0;
  double draft_seconds = 0;
  int verified = 0;
};

// Runs of neighbouring slots that drafting requests form in this pass, if `who` get `length`.
int DraftRuns(const World& world, const std::vector<char>& who, int length, int pass) {
  int runs = 0;
  int next_slot = -1;
  for (std::size_t i = 0; i < who.size(); ++i) {
    const SearchRequest& request = world.requests[i];
    if (!who[i] || static_cast<int>(request.survival.size()) <= request.ready) continue;
    if (request.ready + pass > length) continue;
    runs += request.slot != next_slot;
    next_slot = request.slot + 1;
  }
  return runs;
}

int OneRun(int) {
  return 1;
}

// What lengths come to, but for the target pass; straight from the definitions.
Outcome Evaluate(const World& world, const std::vector<int>& lengths, PassPrices& draft,
                 const std::function<int(int pass)>& runs_of = OneRun) {
  Outcome outcome;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const SearchRequest& request = world.requests[i];
    const int length = std::min(lengths[i], static_cast<int>(request.survival.size()));
    outcome.tokens += request.weight;
    for (int j = 0; j < length; ++j) {
      outcome.tokens += request.weight * request.survival[static_cast<std::size_t>(j)];
    }
    outcome.verified += length;
  }
  for (int pass = 1;; ++pass) {
    int drafters = 0;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      const SearchRequest& request = world.requests[i];
      drafters +=
          std::min(lengths[i], static_cast<int>(request.survival.size())) - request.ready >= pass;
    }
    if (drafters == 0) return outcome;
    const int runs = std::max(1, runs_of(pass));
    const int in_a_run = (drafters + runs - 1) / runs;
    const int lag = world.problem.first_draft_rows;
    double seconds = draft.Of(in_a_run, in_a_run);
    if (pass == 1) seconds = draft.First(in_a_run, in_a_run * lag);
    if (pass == 2 && lag > 1) seconds = draft.Changed(in_a_run, in_a_run);
    outcome.draft_seconds += runs * seconds;
  }
}

double OnePassValue(const World& world, const std::vector<int>& lengths, PassPrices& target,
                    PassPrices& draft) {
  const Outcome outcome = Evaluate(world, lengths, draft);
  const int n = static_cast<int>(lengths.size());
  const double seconds = world.problem.fixed_seconds + outcome.draft_seconds +
                         target.First(n, n + outcome.verified + world.problem.prefill_rows) +
                         world.problem.row_seconds * (n + outcome.verified);
  return ValueOf(world.problem, outcome.tokens, seconds);
}

double SplitSeconds(const std::vector<int>& rows, PassPrices& target) {
  double seconds = 0;
  bool first = true;
  for (const Pass& pass : SplitIntoPasses(BatchRule::kEqualLength, rows, 1000)) {
    seconds += std::exchange(first, false) ? target.First(pass.sequences, pass.rows)
                                           : target.Changed(pass.sequences, pass.rows);
  }
  return seconds;
}

// What prompts add to requests of so many rows each, beyond what they add to one row each.
double SecondsOfPrompts(const World& world, int rows_each, PassPrices& target) {
  const auto added = [&](int each) {
    std::vector<int> rows(static_cast<std::size_t>(world.requests.back().slot) + 1);
    for (const SearchRequest& r : world.requests) rows[static_cast<std::size_t>(r.slot)] = each;
    std::vector<int> bridged(rows);
    std::fill(bridged.begin() + world.requests.front().slot, bridged.end(), each);
    const double without = std::min(SplitSeconds(rows, target), SplitSeconds(bridged, target));
    rows.resize(std::max(rows.size(), static_cast<std::size_t>(world.prompts.back().slot) + 1));
    bridged.resize(rows.size());
    for (const PromptView& prompt : world.prompts) {
      rows[static_cast<std::size_t>(prompt.slot)] = prompt.rows;
      bridged[static_cast<std::size_t>(prompt.slot)] = prompt.rows;
    }
    return std::min(SplitSeconds(rows, target), SplitSeconds(bridged, target)) - without;
  };
  return world.prompts.empty() ? 0 : added(rows_each) - added(1);
}

// `lengths` with padding: rows in the slots, cut as the model cuts them; or the shorter ones among
// the longest filled up, so that these stay neighbours.
double EqualLengthValue(const World& world, const std::vector<int>& lengths, PassPrices& target,
                        PassPrices& draft) {
  const int shorter = *std::ranges::min_element(lengths);
  const int longer = *std::ranges::max_element(lengths);
  std::vector<char> everybody(lengths.size(), 1);
  std::vector<char> group(lengths.size());
  for (std::size_t i = 0; i < lengths.size(); ++i) group[i] = lengths[i] > shorter;
  const auto runs_of = [&](int pass) {
    const bool all = std::ranges::any_of(world.requests, [&](const SearchRequest& request) {
      return std::min(shorter, static_cast<int>(request.survival.size())) - request.ready >= pass;
    });
    return all ? DraftRuns(world, everybody, shorter, pass) : DraftRuns(world, group, longer, pass);
  };
  const Outcome outcome = Evaluate(world, lengths, draft, runs_of);
  bool first_pass = true;
  const auto next = [&](int sequences, int all_rows) {
    const bool first = std::exchange(first_pass, false);
    return first ? target.First(sequences, all_rows) : target.Changed(sequences, all_rows);
  };
  const auto price = [&](const std::function<bool(std::size_t)>& takes_part, int rows_each) {
    const bool of_all = first_pass;
    std::vector<int> rows(static_cast<std::size_t>(world.requests.back().slot) + 1);
    int first = -1;
    int last = -1;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      if (!takes_part(i)) continue;
      const int slot = world.requests[i].slot;
      rows[static_cast<std::size_t>(slot)] = rows_each;
      if (first < 0) first = slot;
      last = slot;
    }
    double split = 0;
    for (const Pass& pass : SplitIntoPasses(BatchRule::kEqualLength, rows, 1000)) {
      split += next(pass.sequences, pass.rows);
    }
    const int span = last - first + 1;
    first_pass = of_all;
    return std::min(split, next(span, span * rows_each));
  };
  double seconds =
      world.problem.fixed_seconds + outcome.draft_seconds +
      world.problem.row_seconds * (static_cast<double>(lengths.size()) + outcome.verified);
  seconds += price([](std::size_t) { return true; }, shorter + 1);
  seconds += SecondsOfPrompts(world, shorter + 1, target);
  if (longer > shorter) {
    seconds += price([&](std::size_t i) { return lengths[i] > shorter; }, longer - shorter);
  }
  return ValueOf(world.problem, outcome.tokens, seconds);
}

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
        std::vector<int> rows = result.lengths;
        for (std::size_t i = 0; i < rows.size(); ++i) rows[i] += result.padding[i];
        EXPECT_NEAR(EqualLengthValue(world, rows, target, draft), result.value, 1e-6);
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
