// The part of the planner that prices what earns only later: catching up and probes.
#include <algorithm>
#include <utility>

#include "control/step_planner.h"

namespace turbospec {

// Only where what is spared is a good part of a step.
bool StepPlanner::MayBeginAnew(const RequestView& view) {
  constexpr double kLeastSpared = 0.25;
  if (view.draft_lag <= std::max(options_.recent_tokens, options_.steady_lag)) return false;
  const double spared = draft_.Of(1, view.draft_lag) - draft_.Of(1, options_.recent_tokens);
  return spared > kLeastSpared * off().seconds.count();
}

// Tokens it has to read before it can draft.
int StepPlanner::RowsToRead(const RequestView& view, bool anew) {
  return anew && MayBeginAnew(view) ? options_.recent_tokens : view.draft_lag;
}

void StepPlanner::PriceCatchUp() {
  bool any = false;
  for (std::size_t i = 0; i < step_->requests.size(); ++i) {
    lanes_[i].anew = false;
    any = any || (lanes_[i].catches_up && MayBeginAnew(step_->requests[i]));
  }
  PriceLags(&Lane::catch_up_seconds, false);
  if (any) return PriceLags(&Lane::anew_seconds, true);
  for (std::size_t i = 0; i < step_->requests.size(); ++i) {
    lanes_[i].anew_seconds = lanes_[i].catch_up_seconds;
  }
}

// Rows of all share one pass; or requests that lag alike share passes of their own, as those do
// that last drafted together, and those that begin anew.
void StepPlanner::PriceLags(double Lane::*seconds, bool anew) {
  lags_.clear();
  for (std::size_t i = 0; i < step_->requests.size(); ++i) {
    const RequestView& view = step_->requests[i];
    lanes_[i].*seconds = 0;
    if (lanes_[i].catches_up) lags_.push_back({RowsToRead(view, anew), view.slot, i});
  }
  if (lags_.empty() || !drafts_) return;
  if (step_->draft_rule == BatchRule::kOnePass) {
    const int n = static_cast<int>(step_->requests.size());
    int rows = 0;
    for (const Lagging& each : lags_) rows += each.lag;
    const double added = std::max(0.0, draft_.Of(n, n + rows) - draft_.Of(n, n));
    for (const Lagging& each : lags_) lanes_[each.request].*seconds = added * each.lag / rows;
    return;
  }
  std::ranges::sort(lags_);
  for (auto first = lags_.begin(); first != lags_.end();) {
    const auto end = std::find_if(first, lags_.end(),
                                  [&](const Lagging& each) { return each.lag != first->lag; });
    const double each = SecondsOfAlike({first, end}) / static_cast<double>(end - first);
    for (; first != end; ++first) lanes_[first->request].*seconds = each;
  }
}

// A pass for every run of neighbouring slots, or one over all that lie between.
double StepPlanner::SecondsOfAlike(std::span<const Lagging> alike) {
  const int lag = alike.front().lag;
  const auto pass = [&](int sequences) { return draft_.Of(sequences, sequences * lag); };
  double seconds = 0;
  int run = 0;
  for (std::size_t k = 0; k < alike.size(); ++k) {
    ++run;
    if (k + 1 < alike.size() && alike[k + 1].slot == alike[k].slot + 1) continue;
    seconds += pass(run);
    run = 0;
  }
  if (!step_->draft_fills_gaps) return seconds;
  return std::min(seconds, pass(alike.back().slot - alike.front().slot + 1));
}

// As many as are read in the time of a step without speculation: nobody waits for long, and many
// requests catch up together instead of by turns, in which the first lag again before the last are
// served.
int StepPlanner::CatchUpRows() {
  constexpr int kMost = 4096;
  const int n = static_cast<int>(step_->requests.size());
  const auto seconds = [&](int rows) {
    return step_->draft_rule == BatchRule::kOnePass ? draft_.Of(n, n + rows) - draft_.Of(n, n)
                                                    : draft_.Of(1, rows);
  };
  int rows = 0;
  for (int more = 128; more <= kMost && seconds(more) <= off_.seconds.count(); more *= 2) {
    rows = more;
  }
  return rows;
}

// What the first draft pass of these requests takes, in ascending order of what they read, catching
// up included. Under equal length each further lag is a pass of those that have it or more.
double StepPlanner::FirstDraftSeconds(std::span<const int> requests, bool anew) {
  const auto lag = [&](int i) {
    return std::max(1, RowsToRead(step_->requests[static_cast<std::size_t>(i)], anew));
  };
  const int n = static_cast<int>(requests.size());
  if (step_->draft_rule == BatchRule::kOnePass) {
    int rows = 0;
    for (const int i : requests) rows += lag(i);
    return draft_.Changed(n, rows);
  }
  double seconds = 0;
  int done = 0;
  for (int k = 0; k < n; ++k) {
    const int more = lag(requests[static_cast<std::size_t>(k)]) - done;
    if (more <= 0) continue;
    seconds += draft_.Changed(n - k, (n - k) * more);
    done += more;
  }
  return seconds;
}

// What `verified` rows more for so many of the requests add to the target's pass.
double StepPlanner::ProbedRowSeconds(int requests, int verified) {
  if (verified == 0) return 0;
  const int n = static_cast<int>(step_->requests.size());
  const double host = row_host_.count() * verified;
  const double plain = target_.Of(n, n);
  if (step_->target_rule == BatchRule::kOnePass) return target_.Of(n, n + verified) - plain + host;
  // A pass of their own, or a dummy row for all others.
  return std::min(target_.Of(requests, verified), target_.Of(n, 2 * n) - plain) + host;
}

void StepPlanner::Drafting(std::vector<char>& who) const {
  who.clear();
  for (std::size_t i = 0; i < step_->requests.size(); ++i) who.push_back(DraftsIn(i) ? 1 : 0);
}

const StepPlan& StepPlanner::Probe(std::span<const char> who, int count, bool anew) {
  Off();
  const auto view = [&](int i) -> const RequestView& {
    return step_->requests[static_cast<std::size_t>(i)];
  };
  order_.clear();
  for (int i = 0; i < static_cast<int>(step_->requests.size()); ++i) {
    if (who[static_cast<std::size_t>(i)] != 0) order_.push_back(i);
  }
  // Where reading is about as dear for several, those that were asked least lately: what one says
  // of itself again and again tells little of the others.
  const int alike = anew ? std::max(1, options_.recent_tokens / 2) : 1;
  std::ranges::stable_sort(order_, {}, [&](int i) {
    const int rows = RowsToRead(view(i), anew);
    return std::pair((rows + alike - 1) / alike, anew ? -view(i).draft_lag : 0);
  });
  order_.resize(std::min(order_.size(), static_cast<std::size_t>(count)));
  if (order_.empty()) return plan_;
  std::ranges::stable_sort(order_, {}, [&](int i) { return RowsToRead(view(i), anew); });
  plan_.source = ProposalSource::kDraft;
  plan_.draft.catch_up_rows = CatchUpRows();
  PlanCandidate& expected = plan_.expected;
  int sampled = 0;
  for (const int i : order_) {
    DraftChoice& choice = plan_.draft.choices[static_cast<std::size_t>(i)];
    choice[ProposerKind::kDraftModel] = 1;
    if (anew && MayBeginAnew(view(i))) choice.recent = options_.recent_tokens;
    if (!view(i).causal_only) continue;
    ++sampled;
    const auto& survival = lanes_[static_cast<std::size_t>(i)].draft;
    if (!survival.empty())
      expected.tokens += lanes_[static_cast<std::size_t>(i)].weight * survival.front();
  }
  expected.speculating = static_cast<int>(order_.size());
  expected.draft_depth = 1;
  expected.verified = sampled;
  const double added = FirstDraftSeconds(order_, anew) + ProbedRowSeconds(sampled, sampled);
  expected.seconds += Seconds(added);
  return plan_;
}

}  // namespace turbospec
