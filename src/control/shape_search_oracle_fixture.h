// What a choice of lengths comes to, straight from the definitions, for the tests of ShapeSearch.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "control/shape_search.h"
#include "control/shape_search_fixture.h"

namespace turbospec {

inline double ValueOf(const SearchProblem& problem, double tokens, double seconds) {
  return problem.price ? tokens - *problem.price * seconds : tokens / seconds;
}

struct Outcome {
  double tokens = 0;
  double draft_seconds = 0;
  int verified = 0;
};

// Of the requests that draft in this pass, if `who` get `length`: the runs of neighbouring slots
// that they form, and the gaps between them.
struct Drafters {
  int runs = 1;
  std::vector<int> gaps{};
};

inline Drafters DraftersOf(const World& world, const std::vector<char>& who, int length, int pass) {
  Drafters drafters{.runs = 0};
  int next_slot = -1;
  for (std::size_t i = 0; i < who.size(); ++i) {
    const SearchRequest& request = world.requests[i];
    if (!who[i] || static_cast<int>(request.survival.size()) <= request.ready) continue;
    if (request.ready + pass > length) {
      next_slot = -1;  // it parts its neighbours
      continue;
    }
    drafters.runs += request.slot != next_slot;
    if (next_slot >= 0 && request.slot > next_slot) {
      drafters.gaps.push_back(request.slot - next_slot);
    }
    next_slot = request.slot + 1;
  }
  return drafters;
}

inline Drafters OneRun(int) {
  return {};
}

// What lengths come to, but for the target pass; straight from the definitions.
inline Outcome Evaluate(const World& world, const std::vector<int>& lengths, PassPrices& draft,
                        const std::function<Drafters(int pass)>& drafters_of = OneRun) {
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
    const auto [some_runs, gaps] = drafters_of(pass);
    const int runs = std::max(1, some_runs);
    const int lag = world.problem.first_draft_rows;
    const auto seconds = [&](int passes, int sequences) {
      const int each = (sequences + passes - 1) / passes;
      if (pass == 1) return passes * draft.First(each, each * lag);
      if (pass == 2 && lag > 1) return passes * draft.Changed(each, each);
      return passes * draft.Of(each, each);
    };
    double cheapest = seconds(runs, drafters);
    int fillers = 0;
    int filled = 0;
    for (const int gap : gaps) {
      bool worth_it = world.problem.draft_fills_gaps;
      for (int idle = 1; idle <= gap; ++idle) {
        worth_it = worth_it && draft.Of(2 + idle, 2 + idle) < 2 * draft.Of(1, 1);
      }
      if (!worth_it) continue;
      ++filled;
      fillers += gap;
    }
    if (filled > 0) {
      cheapest = std::min(cheapest, seconds(runs - filled, drafters + fillers));
    }
    outcome.draft_seconds += cheapest;
  }
}

inline double OnePassValue(const World& world, const std::vector<int>& lengths, PassPrices& target,
                           PassPrices& draft) {
  const Outcome outcome = Evaluate(world, lengths, draft);
  const int n = static_cast<int>(lengths.size());
  const double seconds = world.problem.fixed_seconds + outcome.draft_seconds +
                         target.First(n, n + outcome.verified + world.problem.prefill_rows) +
                         world.problem.row_seconds * (n + outcome.verified);
  return ValueOf(world.problem, outcome.tokens, seconds);
}

inline double SplitSeconds(const std::vector<int>& rows, PassPrices& target) {
  double seconds = 0;
  bool first = true;
  for (const Pass& pass : SplitIntoPasses(BatchRule::kEqualLength, rows, 1000)) {
    seconds += std::exchange(first, false) ? target.First(pass.sequences, pass.rows)
                                           : target.Changed(pass.sequences, pass.rows);
  }
  return seconds;
}

// Runs of neighbouring slots that these requests form.
inline std::vector<std::vector<int>> RunsOf(const World& world, const std::vector<char>& who) {
  std::vector<std::vector<int>> runs;
  for (std::size_t i = 0; i < who.size(); ++i) {
    if (!who[i]) continue;
    const int slot = world.requests[i].slot;
    if (runs.empty() || runs.back().back() + 1 != slot) runs.emplace_back();
    runs.back().push_back(slot);
  }
  return runs;
}

// Seconds of `rows_each` rows for all: from the left, each run is joined to those before it by
// dummy rows in between where that is cheaper than a pass of its own.
inline double PlainRuns(const World& world, int rows_each, PassPrices& target) {
  const auto runs = RunsOf(world, std::vector<char>(world.requests.size(), 1));
  const auto price = [&](int sequences, bool first) {
    return first ? target.First(sequences, sequences * rows_each)
                 : target.Changed(sequences, sequences * rows_each);
  };
  std::vector<int> passes = {static_cast<int>(runs.front().size())};
  for (std::size_t r = 1; r < runs.size(); ++r) {
    const int own = static_cast<int>(runs[r].size());
    const int together = passes.back() + runs[r].front() - runs[r - 1].back() - 1 + own;
    const bool first = passes.size() == 1;
    if (world.problem.target_fills_gaps &&
        price(together, first) < price(passes.back(), first) + price(own, false)) {
      passes.back() = together;
    } else {
      passes.push_back(own);
    }
  }
  double seconds = 0;
  for (std::size_t p = 0; p < passes.size(); ++p) seconds += price(passes[p], p == 0);
  return seconds;
}

// Seconds of `rows_each` rows for some of them, after those of all: a pass for each run, or one
// over all slots from the first to the last.
inline double SomeRuns(const World& world, const std::vector<char>& who, int rows_each,
                       PassPrices& target) {
  const auto runs = RunsOf(world, who);
  double seconds = 0;
  for (const auto& run : runs) {
    const int sequences = static_cast<int>(run.size());
    seconds += target.Changed(sequences, sequences * rows_each);
  }
  const int first = runs.front().front();
  const int span = runs.back().back() - first + 1;
  int requests = 0;
  for (const SearchRequest& request : world.requests) {
    requests += request.slot >= first && request.slot < first + span;
  }
  if (requests < span && !world.problem.target_fills_gaps) return seconds;
  return std::min(seconds, target.Changed(span, span * rows_each));
}

// What prompts add to requests of so many rows each, beyond what they add to one row each.
inline double SecondsOfPrompts(const World& world, int rows_each, PassPrices& target) {
  const auto added = [&](int each) {
    std::vector<int> rows(static_cast<std::size_t>(world.requests.back().slot) + 1);
    for (const SearchRequest& r : world.requests) rows[static_cast<std::size_t>(r.slot)] = each;
    std::vector<int> bridged(rows);
    std::fill(bridged.begin() + world.requests.front().slot, bridged.end(), each);
    const double without = PlainRuns(world, each, target);
    rows.resize(std::max(rows.size(), static_cast<std::size_t>(world.prompts.back().slot) + 1));
    bridged.resize(rows.size());
    for (const PromptView& prompt : world.prompts) {
      rows[static_cast<std::size_t>(prompt.slot)] = prompt.rows;
      bridged[static_cast<std::size_t>(prompt.slot)] = prompt.rows;
    }
    if (!world.problem.target_fills_gaps) bridged = rows;
    return std::min(SplitSeconds(rows, target), SplitSeconds(bridged, target)) - without;
  };
  return world.prompts.empty() ? 0 : added(rows_each) - added(1);
}

// `lengths` with padding: rows in the slots, cut as the model cuts them; or the shorter ones among
// the longest filled up, so that these stay neighbours.
inline double EqualLengthValue(const World& world, const std::vector<int>& lengths,
                               PassPrices& target, PassPrices& draft) {
  const int shorter = *std::ranges::min_element(lengths);
  const int longer = *std::ranges::max_element(lengths);
  std::vector<char> everybody(lengths.size(), 1);
  std::vector<char> group(lengths.size());
  for (std::size_t i = 0; i < lengths.size(); ++i) group[i] = lengths[i] > shorter;
  const auto drafters_of = [&](int pass) {
    const bool all = std::ranges::any_of(world.requests, [&](const SearchRequest& request) {
      return std::min(shorter, static_cast<int>(request.survival.size())) - request.ready >= pass;
    });
    return all ? DraftersOf(world, everybody, shorter, pass)
               : DraftersOf(world, group, longer, pass);
  };
  const Outcome outcome = Evaluate(world, lengths, draft, drafters_of);
  double seconds =
      world.problem.fixed_seconds + outcome.draft_seconds +
      world.problem.row_seconds * (static_cast<double>(lengths.size()) + outcome.verified);
  seconds += PlainRuns(world, shorter + 1, target);
  seconds += SecondsOfPrompts(world, shorter + 1, target);
  if (longer > shorter) {
    seconds += SomeRuns(world, group, longer - shorter, target);
  }
  return ValueOf(world.problem, outcome.tokens, seconds);
}

}  // namespace turbospec
