// The half of the planner that acts on what has been drafted, and foresees that it will.
#include <algorithm>
#include <cmath>

#include "control/option_value.h"
#include "control/step_planner.h"

namespace turbospec {
namespace {

// Under the rejection rule what was drafted by sampling is verified: see decision 0003.
int Required(const RequestView& view, const ProposalView& proposal) {
  return view.causal_only ? proposal.length() : 0;
}

}  // namespace

// Whether a drafted token is verified is decided when its evidence is known. Before that, it is
// worth the mean of what it has above the price of a row, where that is above 0: the more beyond
// the mean's own, the closer the two are and the more the evidence tells. Where all requests are
// verified to one length what counts is the mean of all, of which evidence tells less. For first
// tokens only: deeper ones are decided on with the evidence of those before them.
void StepPlanner::PriceOptions() {
  const bool each = step_->target_rule == BatchRule::kOnePass;
  const double n = each ? 1 : static_cast<double>(step_->requests.size());
  const double told = predictor_->Resolution() / n;
  for (std::size_t i = 0; i < step_->requests.size(); ++i) {
    Lane& lane = lanes_[i];
    lane.option = 0;
    if (lane.draft.empty() || step_->requests[i].causal_only) continue;
    const double mean = lane.draft.front();
    lane.option = OptionValue(mean - row_price_ / lane.weight, std::sqrt(told * mean * (1 - mean)));
    if (lane.option == 0) continue;
    lane.offered = lane.draft;
    lane.offered.front() += static_cast<float>(lane.option);
  }
}

void StepPlanner::Observe(std::span<const ProposalView> proposals) {
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    Lane& lane = lanes_[i];
    if (lane.given.empty()) lane.path = predictor_->Begin(lane.handle);
    float survives = lane.given.empty() ? 1.0F : lane.given.back();
    const auto evidence = proposals[i].evidence;
    for (std::size_t j = lane.given.size(); j < evidence.size(); ++j) {
      survives *= static_cast<float>(predictor_->Given(lane.path, evidence[j]));
      lane.given.push_back(survives);
    }
  }
}

// Behind what has been seen the tokens survive as they were expected to before.
void StepPlanner::GoOn(Lane& lane, int limit) const {
  const std::vector<float>& expected =
      plan_.source == ProposalSource::kMixed ? lane.mixed : lane.draft;
  const std::size_t seen = lane.given.size();
  const std::size_t end = std::min(static_cast<std::size_t>(std::max(limit, 0)), expected.size());
  float before = seen == 0 ? 1.0F : expected[std::min(seen, expected.size()) - 1];
  for (std::size_t j = seen; j < end; ++j) {
    const float conditional = before > 0 ? expected[j] / before : 0;
    lane.ahead.push_back((lane.ahead.empty() ? 1.0F : lane.ahead.back()) * conditional);
    before = expected[j];
  }
}

const SearchResult& StepPlanner::DraftOn(std::span<const ProposalView> proposals,
                                         std::span<const char> may_go_on) {
  Observe(proposals);
  requests_.clear();
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    const RequestView& view = step_->requests[i];
    Lane& lane = lanes_[i];
    const int ready = proposals[i].length();
    lane.ahead = lane.given;
    if (may_go_on[i] != 0) GoOn(lane, plan_.draft.choices[i][ProposerKind::kDraftModel]);
    requests_.push_back({.survival = lane.ahead,
                         .ready = ready,
                         .required = Required(view, proposals[i]),
                         .weight = static_cast<float>(lanes_[i].weight),
                         .slot = view.slot});
  }
  SearchProblem problem = Problem(price_);
  problem.first_draft_rows = 1;
  return search_.Find(problem, target_, draft_);
}

Seconds StepPlanner::DraftTime(std::span<const ProposalView> proposals) {
  drafters_.clear();
  for (const ProposalView& proposal : proposals) {
    const auto drafted = static_cast<std::size_t>(
        std::ranges::count(proposal.evidence, ProposerKind::kDraftModel, &DraftEvidence::proposer));
    if (drafters_.size() < drafted) drafters_.resize(drafted);
    for (std::size_t pass = 0; pass < drafted; ++pass) ++drafters_[pass];
  }
  double seconds = plan_.expected.investment.count();
  for (std::size_t pass = 0; pass < drafters_.size(); ++pass) {
    const int n = drafters_[pass];
    if (pass == 0) {
      seconds += draft_.First(n, n * first_draft_rows_);
    } else {
      const bool changed = drafters_[pass - 1] != n || (pass == 1 && first_draft_rows_ > 1);
      seconds += changed ? draft_.Changed(n, n) : draft_.Of(n, n);
    }
  }
  return Seconds(seconds);
}

const SearchResult& StepPlanner::Verify(std::span<const ProposalView> proposals) {
  Observe(proposals);
  requests_.clear();
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    const RequestView& view = step_->requests[i];
    requests_.push_back({.survival = lanes_[i].given,
                         .ready = proposals[i].length(),
                         .required = Required(view, proposals[i]),
                         .weight = static_cast<float>(lanes_[i].weight),
                         .slot = view.slot});
  }
  return search_.Find(Problem(price_), target_, draft_);
}

}  // namespace turbospec
