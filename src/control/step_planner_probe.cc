// The part of the planner that prices what earns only later: catching up and probes.
#include <algorithm>
#include <numeric>

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

// Rows of all share one pass; or requests that lag alike share one of their own, as those do that
// last drafted together, and those that begin anew.
void StepPlanner::PriceLags(double Lane::*seconds, bool anew) {
  const auto lag = [&](std::size_t i) { return RowsToRead(step_->requests[i], anew); };
  lags_.clear();
  for (std::size_t i = 0; i < step_->requests.size(); ++i) {
    lanes_[i].*seconds = 0;
    if (lanes_[i].catches_up) lags_.push_back(lag(i));
  }
  if (lags_.empty() || !drafts_) return;
  std::ranges::sort(lags_);
  const bool one_pass = step_->draft_rule == BatchRule::kOnePass;
  const int n = static_cast<int>(step_->requests.size());
  const int rows = std::accumulate(lags_.begin(), lags_.end(), 0);
  const double added = draft_.Of(n, n + rows) - draft_.Of(n, n);
  for (std::size_t i = 0; i < step_->requests.size(); ++i) {
    if (!lanes_[i].catches_up) continue;
    const auto alike = static_cast<int>(std::ranges::equal_range(lags_, lag(i)).size());
    lanes_[i].*seconds =
        one_pass ? std::max(0.0, added) * lag(i) / rows : draft_.Of(alike, alike * lag(i)) / alike;
  }
}

// What the first draft pass of these requests takes, in ascending order of their lags, catching up
// included. Under equal length each further lag is a pass of those that have it or more.
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
  std::ranges::stable_sort(order_, {}, [&](int i) { return view(i).draft_lag; });
  order_.resize(std::min(order_.size(), static_cast<std::size_t>(count)));
  if (order_.empty()) return plan_;
  plan_.source = ProposalSource::kDraft;
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
