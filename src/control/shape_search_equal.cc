// The equal-length half of the search: one length for all, or two.
#include <algorithm>
#include <numeric>

#include "control/shape_search.h"

namespace turbospec {
namespace {

// Every number of requests up to 8, then ever fewer: 10, 12, 14, 16, 20, 24, ...
int NextCount(int count) {
  int step = 1;
  while (count >= 8 * step) step *= 2;
  return count + step;
}

// Every length that a draft model reaches, then 15, 18, 22, ... and the longest; beyond it at the
// end.
int NextLength(int length, int longest) {
  const int next = length + (length < 12 ? 1 : length / 4);
  return length < longest ? std::min(next, longest) : longest + 1;
}

}  // namespace

void ShapeSearch::FindEqualLength(PassPrices& target) {
  OrderByWorth();
  MeasureGroups(target);
  int least = 0;
  for (const SearchRequest& request : problem_->requests) {
    least = std::max(least, request.required);
  }
  const Group& all = groups_[group_count_ - 1];
  uniform_.clear();
  for (int length = least; length <= longest_; length = NextLength(length, longest_)) {
    const PlanCandidate found = TryLengths({.shorter = length, .longer = length}, all);
    if (found.tokens > 0) uniform_.push_back({length, found.tokens, found.seconds.count()});
  }
  for (const Uniform& uniform : uniform_) {
    for (std::size_t g = 0; g + 1 < group_count_; ++g) TryLonger(uniform, groups_[g]);
  }
  TakeLengths(target);
}

// The requests of the group get more than all get: not worth a look where even the tokens of its
// greatest length in the time of its cheapest would be no better than what was found.
void ShapeSearch::TryLonger(const Uniform& all, const Group& group) {
  const auto gained = group.tokens[static_cast<std::size_t>(longest_)] -
                      group.tokens[static_cast<std::size_t>(all.length)];
  if (ValueOf(all.tokens + gained, all.seconds + group.least_seconds) <= best_.value) return;
  for (int longer = all.length + 1; longer <= longest_; longer = NextLength(longer, longest_)) {
    TryLengths({.best = group.best, .shorter = all.length, .longer = longer}, group);
  }
}

void ShapeSearch::OrderByWorth() {
  const std::size_t n = problem_->requests.size();
  worth_.assign(n, 0);
  order_.resize(n);
  std::iota(order_.begin(), order_.end(), 0);
  for (std::size_t i = 0; i < n; ++i) {
    const SearchRequest& request = problem_->requests[i];
    for (const float survives : request.survival) worth_[i] += request.weight * survives;
  }
  std::ranges::stable_sort(order_, std::ranges::greater{},
                           [&](int i) { return worth_[static_cast<std::size_t>(i)]; });
}

void ShapeSearch::MeasureGroups(PassPrices& target) {
  const int n = static_cast<int>(problem_->requests.size());
  const auto lengths = static_cast<std::size_t>(longest_) + 1;
  chosen_.assign(static_cast<std::size_t>(n), 0);
  group_count_ = 0;
  int next = std::min(1, n);
  Group running;
  std::swap(running, spare_);
  running.best = 0;
  running.tokens.assign(lengths, 0);
  running.verified.assign(lengths, 0);
  running.drafters.assign(lengths * (static_cast<std::size_t>(pass_limit_) + 1), 0);
  for (int count = 1; count <= n; ++count) {
    const int request = order_[static_cast<std::size_t>(count) - 1];
    chosen_[static_cast<std::size_t>(request)] = 1;
    running.best = count;
    AddTo(running, problem_->requests[static_cast<std::size_t>(request)]);
    if (count != next && count != n) continue;
    if (count == next) next = NextCount(next);
    if (group_count_ == groups_.size()) groups_.emplace_back();
    Group& group = groups_[group_count_++];
    group.best = running.best;
    group.tokens = running.tokens;
    group.verified = running.verified;
    group.drafters = running.drafters;
    FindRuns();
    group.seconds.assign(lengths + 1, 0);
    group.padded.assign(lengths + 1, 0);
    if (count == n) {
      PriceAll(group, target);
      if (!problem_->prompts.empty()) AddPrompts(group, target);
    } else {
      PriceSome(group, target);
    }
    group.least_seconds = *std::min_element(group.seconds.begin() + 1, group.seconds.end());
    FindDraftRuns(group);
    SumDraftPasses(group);
  }
  std::swap(running, spare_);
}

void ShapeSearch::AddTo(Group& group, const SearchRequest& request) const {
  const auto lengths = static_cast<std::size_t>(longest_) + 1;
  double tokens = 0;
  const int size = static_cast<int>(request.survival.size());
  for (int v = 1; v <= longest_; ++v) {
    const auto at = static_cast<std::size_t>(v);
    if (v <= size) tokens += request.weight * request.survival[at - 1];
    group.tokens[at] += tokens;
    const int verified = std::min(v, size);
    group.verified[at] += verified;
    for (int pass = 1; pass <= verified - request.ready; ++pass) {
      ++group.drafters[static_cast<std::size_t>(pass) * lengths + at];
    }
  }
}

void ShapeSearch::FindRuns() {
  runs_.clear();
  const std::span<const SearchRequest> requests = problem_->requests;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (!chosen_[i]) continue;
    const int first = static_cast<int>(i);
    if (runs_.empty()) {
      runs_.push_back({.first = first});
    } else {
      const Run& before = runs_.back();
      const int end = before.first + before.sequences;  // of its requests
      const int gap = requests[i].slot - requests[static_cast<std::size_t>(end) - 1].slot - 1;
      if (gap > 0) runs_.push_back({.first = first, .gap = gap, .idle = gap - (first - end)});
    }
    ++runs_.back().sequences;
  }
  span_ = span_idle_ = 0;
  for (const Run& run : runs_) {
    span_ += run.gap + run.sequences;
    span_idle_ += run.idle;
  }
}

// A pass takes neighbouring slots only: scattered requests cost a pass for each run of neighbours,
// or dummy rows in the idle slots between, if the model gives them.
void ShapeSearch::PriceAll(Group& all, PassPrices& target) const {
  for (int rows = 1; rows <= longest_ + 1; ++rows) {
    all.seconds[static_cast<std::size_t>(rows)] = JoinRuns(rows, target);
  }
}

// As the model fills gaps: each run is joined to those before it where that is cheaper. Returns the
// seconds of all passes with so many rows per slot.
double ShapeSearch::JoinRuns(int rows, PassPrices& target) const {
  bool is_first = true;
  const auto price = [&](int sequences) {
    return is_first ? target.First(sequences, sequences * rows)
                    : target.Changed(sequences, sequences * rows);
  };
  double seconds = 0;
  int sequences = runs_.front().sequences;
  double last = price(sequences);  // of these
  for (const Run& run : std::span(runs_).subspan(1)) {
    const double apart = target.Changed(run.sequences, run.sequences * rows);
    const int together = sequences + run.gap + run.sequences;
    if (problem_->target_fills_gaps && price(together) < last + apart) {
      sequences = together;
      last = price(together);
    } else {
      seconds += last;
      is_first = false;
      sequences = run.sequences;
      last = apart;
    }
  }
  return seconds + last;
}

// Rows that only some have are computed after those of all: a pass for each run, or one over all
// slots from the first to the last, requests in between padded.
void ShapeSearch::PriceSome(Group& group, PassPrices& target) const {
  for (int rows = 1; rows <= longest_ + 1; ++rows) {
    const auto at = static_cast<std::size_t>(rows);
    const bool one = IsOnePass(rows, group.seconds[at], target);
    group.padded[at] = one ? span_ - span_idle_ - group.best : 0;
  }
}

bool ShapeSearch::IsOnePass(int rows, double& seconds, PassPrices& target) const {
  seconds = 0;
  for (const Run& run : runs_) seconds += target.Changed(run.sequences, run.sequences * rows);
  if (runs_.size() < 2 || (span_idle_ > 0 && !problem_->target_fills_gaps)) return false;
  const double one = target.Changed(span_, span_ * rows);
  if (one >= seconds) return false;
  seconds = one;
  return true;
}

// Prompts join the passes of the slots beside them, as many rows as those have, or part them. What
// they take with one row each is no matter of the plan and left out.
void ShapeSearch::AddPrompts(Group& all, PassPrices& target) {
  const auto with_prompts = [&](int rows) {
    const double seconds = SecondsWithPrompts(rows, false, target);
    if (span_ == all.best || !problem_->target_fills_gaps) return seconds;
    return std::min(seconds, SecondsWithPrompts(rows, true, target));
  };
  const double prompts = with_prompts(1) - all.seconds[1];
  for (int rows = 2; rows <= longest_ + 1; ++rows) {
    all.seconds[static_cast<std::size_t>(rows)] = with_prompts(rows) - prompts;
  }
}

// `bridged`: idle slots between those that decode get dummy rows.
double ShapeSearch::SecondsWithPrompts(int rows, bool bridged, PassPrices& target) {
  const auto slot_of = [](const auto& holder) { return static_cast<std::size_t>(holder.slot); };
  const std::size_t first = slot_of(problem_->requests.front());
  const std::size_t last = slot_of(problem_->requests.back());
  rows_by_slot_.assign(std::max(last, slot_of(problem_->prompts.back())) + 1, 0);
  for (const SearchRequest& request : problem_->requests) rows_by_slot_[slot_of(request)] = rows;
  for (const PromptView& prompt : problem_->prompts) rows_by_slot_[slot_of(prompt)] = prompt.rows;
  for (std::size_t slot = first; bridged && slot < last; ++slot) {
    if (rows_by_slot_[slot] == 0) rows_by_slot_[slot] = rows;
  }
  double seconds = 0;
  bool behind = false;
  ForEachPass(BatchRule::kEqualLength, rows_by_slot_, 1 << 20, [&](const Pass& pass) {
    seconds += behind ? target.Changed(pass.sequences, pass.rows)
                      : target.First(pass.sequences, pass.rows);
    behind = true;
  });
  return seconds;
}

// Those that draft are neighbours or not whoever else is in the group: a request that prompt lookup
// serves parts the two beside it. A request drafts from length ready + 1 on, so it begins a run at
// the lengths at which the neighbour before it does not draft yet; behind a gap it begins one in
// any case, and the gap may be filled once both draft.
void ShapeSearch::FindDraftRuns(Group& group) const {
  group.runs.assign(static_cast<std::size_t>(longest_) + 2, {});
  if (pass_limit_ == 0 || problem_->draft_rule == BatchRule::kOnePass) return;
  if (all_draft_alike_) {
    DraftRuns all{.runs = static_cast<int>(runs_.size())};
    for (const Run& run : runs_) {
      if (run.gap > 0 && run.gap <= widest_draft_gap_) all = all + DraftRuns{0, 1, run.gap};
    }
    std::fill(group.runs.begin() + 1, group.runs.end(), all);
    return;
  }
  // Differences, summed up at the end.
  const auto from_to = [&](int first, int end, const DraftRuns& added) {
    if (first >= end) return;
    DraftRuns& at_first = group.runs[static_cast<std::size_t>(first)];
    DraftRuns& at_end = group.runs[static_cast<std::size_t>(end)];
    at_first = at_first + added;
    at_end = at_end - added;
  };
  const int end = longest_ + 1;
  int next_slot = -1;
  int neighbours_first = 0;
  for (std::size_t i = 0; i < problem_->requests.size(); ++i) {
    const SearchRequest& request = problem_->requests[i];
    if (!chosen_[i] || static_cast<int>(request.survival.size()) <= request.ready) continue;
    const int first = request.ready + 1;
    const int gap = request.slot - next_slot;
    from_to(first, gap == 0 ? neighbours_first : end, {.runs = 1});
    if (next_slot >= 0 && gap > 0 && gap <= widest_draft_gap_) {
      from_to(std::max(first, neighbours_first), end, {.gaps = 1, .fillers = gap});
    }
    next_slot = request.slot + 1;
    neighbours_first = first;
  }
  for (std::size_t v = 1; v < group.runs.size(); ++v) {
    group.runs[v] = group.runs[v - 1] + group.runs[v];
  }
}

void ShapeSearch::SumDraftPasses(Group& group) const {
  group.draft_seconds.clear();
  if (!all_reach_) return;
  double seconds = 0;
  group.draft_seconds.push_back(seconds);
  for (int pass = 1; pass <= longest_; ++pass) {
    seconds += DraftSeconds(pass, group.best, group.runs[1]);
    group.draft_seconds.push_back(seconds);
  }
}

// Idle slots between two drafters for which one pass over all is cheaper than one for each.
int ShapeSearch::WidestDraftGap(std::span<const double> prices) const {
  if (!problem_->draft_fills_gaps || pass_limit_ == 0) return 0;
  int widest = 0;
  for (std::size_t slots = 3; slots < prices.size() && prices[slots] < 2 * prices[1]; ++slots) {
    ++widest;
  }
  return widest;
}

// Runs are taken to be alike.
double ShapeSearch::DraftSeconds(int pass, int drafters, const DraftRuns& runs) const {
  const std::vector<double>& prices = DraftPrices(pass);
  if (runs.runs <= 1) return prices[static_cast<std::size_t>(drafters)];
  const auto price = [&](int passes, int rows) {
    const auto each = static_cast<std::size_t>((rows + passes - 1) / passes);
    return passes * prices[std::min(each, prices.size() - 1)];
  };
  const double apart = price(runs.runs, drafters);
  if (runs.gaps == 0) return apart;
  return std::min(apart, price(runs.runs - runs.gaps, drafters + runs.fillers));
}

// Without tokens where it does not fit or cannot be the best.
PlanCandidate ShapeSearch::TryLengths(const TwoLengths& lengths, const Group& group) {
  const SearchProblem& problem = *problem_;
  const Group& all = groups_[group_count_ - 1];
  const auto shorter = static_cast<std::size_t>(lengths.shorter);
  const auto longer = static_cast<std::size_t>(lengths.longer);
  const int padded = lengths.best > 0 ? group.padded[longer - shorter] : 0;
  const int rows = all.best * (lengths.shorter + 1) + problem.prefill_rows +
                   (lengths.best + padded) * (lengths.longer - lengths.shorter);
  // A length beyond what is ready and required may not fit; none at all always does.
  if (rows > problem.max_rows && lengths.longer > 0) return {};
  PlanCandidate candidate;
  candidate.tokens = base_tokens_ - required_tokens_ + all.tokens[shorter];
  candidate.verified = all.verified[shorter];
  double seconds = problem.fixed_seconds + all.seconds[shorter + 1];
  if (lengths.best > 0) {
    candidate.tokens += group.tokens[longer] - group.tokens[shorter];
    candidate.verified += group.verified[longer] - group.verified[shorter];
    seconds += group.seconds[longer - shorter];
  }
  seconds += problem.row_seconds * (all.best + candidate.verified);
  if (lengths.best > 0 && ValueOf(candidate.tokens, seconds) <= best_.value) return {};
  candidate.draft_depth = AddDraftPasses(lengths, group, seconds);
  candidate.seconds = Seconds(seconds);
  if (Offer(candidate)) best_lengths_ = lengths;
  return candidate;
}

// Returns how many draft passes these lengths need.
int ShapeSearch::AddDraftPasses(const TwoLengths& lengths, const Group& group,
                                double& seconds) const {
  const Group& all = groups_[group_count_ - 1];
  const auto shorter = static_cast<std::size_t>(lengths.shorter);
  const auto longer = static_cast<std::size_t>(lengths.longer);
  if (!all.draft_seconds.empty()) {
    seconds += all.draft_seconds[shorter];
    if (lengths.best > 0) seconds += group.draft_seconds[longer] - group.draft_seconds[shorter];
    return lengths.longer;
  }
  const auto count = static_cast<std::size_t>(longest_) + 1;
  int passes = 0;
  for (; passes < pass_limit_; ++passes) {
    const std::size_t row = static_cast<std::size_t>(passes + 1) * count;
    int drafters = all.drafters[row + shorter];
    // Who drafts in a later pass is who drafts in the first one at so much less length.
    DraftRuns runs = all.runs[shorter - std::min(shorter, static_cast<std::size_t>(passes))];
    if (lengths.best > 0) {
      if (drafters == 0) runs = group.runs[longer - static_cast<std::size_t>(passes)];
      drafters += group.drafters[row + longer] - group.drafters[row + shorter];
    }
    if (drafters == 0) break;
    seconds += DraftSeconds(passes + 1, drafters, runs);
  }
  return passes;
}

void ShapeSearch::TakeLengths(PassPrices& target) {
  std::ranges::fill(chosen_, 0);
  for (std::size_t rank = 0; rank < order_.size(); ++rank) {
    const auto i = static_cast<std::size_t>(order_[rank]);
    const bool longer = static_cast<int>(rank) < best_lengths_.best;
    const int length = longer ? best_lengths_.longer : best_lengths_.shorter;
    const int size = static_cast<int>(problem_->requests[i].survival.size());
    chosen_[i] = longer ? 1 : 0;
    best_.lengths[i] = std::min(length, size);
    best_.padding[i] = length - best_.lengths[i];
  }
  if (best_lengths_.best > 0) PadBetween(target);
}

void ShapeSearch::PadBetween(PassPrices& target) {
  FindRuns();
  double seconds = 0;
  if (!IsOnePass(best_lengths_.longer - best_lengths_.shorter, seconds, target)) return;
  const int end = runs_.back().first + runs_.back().sequences;
  for (int i = runs_.front().first; i < end; ++i) {
    const auto at = static_cast<std::size_t>(i);
    best_.padding[at] = best_lengths_.longer - best_.lengths[at];
  }
}

}  // namespace turbospec
