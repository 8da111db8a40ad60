#include "control/shape_search.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstddef>

namespace turbospec {

const SearchResult& ShapeSearch::Find(const SearchProblem& problem, PassPrices& target,
                                      PassPrices& draft) {
  Start(problem, draft);
  if (problem.target_rule == BatchRule::kOnePass) {
    FindOnePass(target);
  } else {
    FindEqualLength(target);
  }
  return best_;
}

double ShapeSearch::PlainSeconds(const SearchProblem& problem, PassPrices& target) {
  const int n = static_cast<int>(problem.requests.size());
  if (problem.target_rule == BatchRule::kOnePass) return target.Of(n, n);
  problem_ = &problem;
  chosen_.assign(problem.requests.size(), 1);
  FindRuns();
  return JoinRuns(/*rows=*/1, target);
}

void ShapeSearch::Start(const SearchProblem& problem, PassPrices& draft) {
  assert(!problem.requests.empty());
  problem_ = &problem;
  longest_ = pass_limit_ = required_ = 0;
  all_draft_alike_ = true;
  base_tokens_ = required_tokens_ = 0;
  for (const SearchRequest& request : problem.requests) {
    const int size = static_cast<int>(request.survival.size());
    longest_ = std::max(longest_, size);
    pass_limit_ = std::max(pass_limit_, size - request.ready);
    required_ += request.required;
    all_draft_alike_ = all_draft_alike_ && request.ready == 0 && size > 0;
    base_tokens_ += request.weight;
    for (int j = 0; j < request.required; ++j) {
      required_tokens_ += request.weight * request.survival[static_cast<std::size_t>(j)];
    }
  }
  base_tokens_ += required_tokens_;
  all_reach_ = all_draft_alike_ && std::ranges::all_of(problem.requests, [&](const auto& request) {
                 return static_cast<int>(request.survival.size()) == longest_;
               });
  const std::size_t n = problem.requests.size();
  const int span = problem.requests.back().slot - problem.requests.front().slot + 1;
  const std::size_t most =
      problem.draft_fills_gaps ? std::max(n, static_cast<std::size_t>(span)) : n;
  for (std::vector<double>& prices : draft_prices_) prices.assign(most + 1, 0);
  for (std::size_t k = 1; pass_limit_ > 0 && k <= most; ++k) {
    const int sequences = static_cast<int>(k);
    auto& [first, second, later] = draft_prices_;
    first[k] = draft.First(sequences, sequences * problem.first_draft_rows);
    later[k] = draft.Of(sequences, sequences);
    second[k] = problem.first_draft_rows > 1 ? draft.Changed(sequences, sequences) : later[k];
  }
  widest_draft_gap_ = WidestDraftGap(DraftPrices(3));
  by_passes_.assign(static_cast<std::size_t>(pass_limit_) + 1, {});
  found_ = false;
  best_.lengths.assign(n, 0);
  best_.padding.assign(n, 0);
}

double ShapeSearch::ValueOf(double tokens, double seconds) const {
  return problem_->price ? tokens - *problem_->price * seconds : tokens / seconds;
}

bool ShapeSearch::Offer(const PlanCandidate& candidate) {
  const double seconds = candidate.seconds.count();
  const double value = ValueOf(candidate.tokens, seconds);
  PlanCandidate& noted = by_passes_[static_cast<std::size_t>(candidate.draft_depth)];
  if (noted.tokens == 0 || value > ValueOf(noted.tokens, noted.seconds.count())) noted = candidate;
  if (found_ && value <= best_.value) return false;
  found_ = true;
  best_.value = value;
  best_.tokens = candidate.tokens;
  best_.seconds = seconds;
  best_.draft_passes = candidate.draft_depth;
  return true;
}

// --- one pass: top-B survival ---

void ShapeSearch::FindOnePass(PassPrices& target) {
  ListPlaces();
  SortPlaces();
  const int n = static_cast<int>(problem_->requests.size());
  const int rows = n + problem_->prefill_rows + required_;
  target_seconds_.resize(places_.size() + 1);
  for (std::size_t b = 0; b <= places_.size(); ++b) {
    target_seconds_[b] =
        target.First(n, rows + static_cast<int>(b)) +
        problem_->row_seconds * static_cast<double>(n + required_ + static_cast<int>(b));
  }
  within_ = places_;
  for (int passes = pass_limit_; passes >= 0; --passes) {
    KeepWithin(passes);
    by_passes_[static_cast<std::size_t>(passes)] = BestBudget(passes);
  }
  for (const PlanCandidate& candidate : by_passes_) Offer(candidate);
  TakeBudget();
}

// Depth first in the outer loop: of equal worth the shallower comes first, so that every budget
// holds a prefix of each request's proposal.
void ShapeSearch::ListPlaces() {
  places_.clear();
  for (int j = 0; j < longest_; ++j) {
    for (std::size_t i = 0; i < problem_->requests.size(); ++i) {
      const SearchRequest& request = problem_->requests[i];
      if (j >= static_cast<int>(request.survival.size()) || j < request.required) continue;
      const float worth = request.weight * request.survival[static_cast<std::size_t>(j)];
      places_.push_back({.key = ~std::bit_cast<std::uint32_t>(std::max(worth, 0.0F)),
                         .pass = static_cast<std::uint16_t>(std::max(0, j + 1 - request.ready)),
                         .request = static_cast<std::uint16_t>(i)});
    }
  }
}

// Non-negative floats order like their bits: three stable counting passes of 11 bits each.
void ShapeSearch::SortPlaces() {
  constexpr std::size_t kFew = 96;
  if (places_.size() <= kFew) {
    std::ranges::stable_sort(places_, {}, &Place::key);
    return;
  }
  constexpr int kBits = 11;
  constexpr std::uint32_t kMask = (1U << kBits) - 1;
  sorting_.resize(places_.size());
  for (int shift = 0; shift < 32; shift += kBits) {
    std::array<std::uint32_t, kMask + 2> starts{};
    for (const Place& place : places_) ++starts[((place.key >> shift) & kMask) + 1];
    for (std::size_t d = 1; d < starts.size(); ++d) starts[d] += starts[d - 1];
    for (const Place& place : places_) sorting_[starts[(place.key >> shift) & kMask]++] = place;
    places_.swap(sorting_);
  }
}

// Without a branch: whether a place stays is a coin toss to the processor.
void ShapeSearch::KeepWithin(int draft_passes) {
  std::size_t kept = 0;
  for (const Place& place : within_) {
    within_[kept] = place;
    kept += place.pass <= draft_passes ? 1 : 0;
  }
  within_.resize(kept);
}

PlanCandidate ShapeSearch::BestBudget(int draft_passes) {
  const SearchProblem& problem = *problem_;
  const int room = problem.max_rows - problem.prefill_rows - required_ -
                   static_cast<int>(problem.requests.size());
  const auto most = static_cast<std::size_t>(std::max(0, room));
  drafters_.assign(static_cast<std::size_t>(draft_passes) + 1, 0);
  double tokens = base_tokens_;
  double draft_seconds = problem.fixed_seconds;
  std::size_t budget = 0;
  std::size_t best_budget = 0;
  double best_tokens = tokens;
  double best_seconds = draft_seconds + target_seconds_[0];
  double best_value = ValueOf(best_tokens, best_seconds);
  for (const Place& place : within_) {
    if (++budget > most) break;
    if (place.pass > 0) {
      const auto n = static_cast<std::size_t>(drafters_[place.pass]++);
      const std::vector<double>& prices = DraftPrices(place.pass);
      draft_seconds += prices[n + 1] - prices[n];
    }
    tokens += static_cast<double>(std::bit_cast<float>(~place.key));
    const double seconds = draft_seconds + target_seconds_[budget];
    const double value = ValueOf(tokens, seconds);
    if (value <= best_value) continue;
    best_value = value;
    best_tokens = tokens;
    best_seconds = seconds;
    best_budget = budget;
  }
  return {.draft_depth = draft_passes,
          .verified = required_ + static_cast<int>(best_budget),
          .tokens = best_tokens,
          .seconds = Seconds(best_seconds)};
}

void ShapeSearch::TakeBudget() {
  for (std::size_t i = 0; i < problem_->requests.size(); ++i) {
    best_.lengths[i] = problem_->requests[i].required;
  }
  const int passes = best_.draft_passes;
  int budget = by_passes_[static_cast<std::size_t>(passes)].verified - required_;
  for (const Place& place : places_) {
    if (budget == 0) break;
    if (place.pass > passes) continue;
    ++best_.lengths[place.request];
    --budget;
  }
  best_.draft_passes = 0;
  for (std::size_t i = 0; i < best_.lengths.size(); ++i) {
    best_.draft_passes =
        std::max(best_.draft_passes, best_.lengths[i] - problem_->requests[i].ready);
  }
}

}  // namespace turbospec
