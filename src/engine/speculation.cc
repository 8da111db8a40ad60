#include "engine/speculation.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace turbospec {
namespace {

// Tokens of an unused lookup proposal that are scored; few steps commit more.
constexpr int kScoredLookup = 8;

}  // namespace

Speculation::Speculation(std::unique_ptr<Controller> controller,
                         std::vector<std::unique_ptr<Proposer>> proposers, const Clock& clock,
                         int context_per_slot)
    : controller_(std::move(controller)),
      proposers_(std::move(proposers)),
      clock_(clock),
      context_per_slot_(context_per_slot) {
  std::ranges::sort(proposers_, {}, [](const auto& p) { return p->kind(); });
}

void Speculation::Start(const ActiveRequest& request) {
  const std::span prompt(request.tokens);
  for (const auto& proposer : proposers_) proposer->Start(request.slot, prompt);
}

void Speculation::Finish(const ActiveRequest& request) {
  for (const auto& proposer : proposers_) proposer->Finish(request.slot);
  controller_->Forget(request.id);
}

RequestView Speculation::View(const ActiveRequest& request) const {
  RequestView view{.id = request.id,
                   .slot = request.slot,
                   .context_length = request.size(),
                   .max_useful = request.max_output - request.output_size() - 1,
                   .weight = request.weight,
                   .causal_only = request.by_rejection,
                   .trains_shared = request.sampler.plain()};
  for (const auto& proposer : proposers_) {
    if (proposer->kind() == ProposerKind::kPromptLookup) {
      view.lookup = proposer->Match(request.slot);
    } else {
      view.draft_lag = proposer->Lag(request.slot, request.size());
    }
  }
  return view;
}

void Speculation::PlanDraft(Step& step, RowBudget budget) {
  for (const ActiveRequest* request : step.decoding) step.requests.push_back(View(*request));
  step.view.requests = step.requests;
  for (const auto& proposer : proposers_) {
    if (proposer->kind() == ProposerKind::kPromptLookup) {
      step.view.has_lookup = true;
    } else {
      step.view.has_draft_model = true;
      step.view.draft_rule = proposer->batch_rule();
      step.view.draft_fills_gaps = proposer->fills_gaps();
    }
  }
  if (step.decoding.empty()) return;
  step.draft_plan = controller_->PlanDraft(step.view);
  step.draft_plan.choices.resize(step.decoding.size());
  // The pass has room for this much whatever is drafted. A cut after drafting would depend on the
  // drafted tokens and so bias the rejection rule.
  const int cap = std::min(budget.rows, budget.logits) / static_cast<int>(step.decoding.size()) - 1;
  for (std::size_t i = 0; i < step.decoding.size(); ++i) {
    for (int& limit : step.draft_plan.choices[i].limit) {
      limit = std::min({limit, step.requests[i].max_useful, cap});
    }
  }
}

void Speculation::RefreshProposals(Step& step) {
  step.proposals.clear();
  for (const ActiveRequest* request : step.decoding) {
    step.proposals.push_back({request->proposal.evidence});
  }
}

void Speculation::Propose(Step& step) {
  for (ActiveRequest* request : step.decoding) {
    request->proposal.Clear();
    request->late_guesses.clear();
  }
  for (const auto& proposer : proposers_) ProposeBy(*proposer, step);
  RefreshProposals(step);
}

void Speculation::ProposeBy(Proposer& proposer, Step& step) {
  tasks_.clear();
  task_owner_.clear();
  for (std::size_t i = 0; i < step.decoding.size(); ++i) {
    ActiveRequest& request = *step.decoding[i];
    const int limit = step.draft_plan.choices[i][proposer.kind()];
    if (limit <= request.proposal.length()) continue;
    tasks_.push_back({.slot = request.slot,
                      .tokens = request.tokens,
                      .limit = limit,
                      .recent = step.draft_plan.choices[i].recent,
                      .sampling = request.by_rejection ? &request.sampler.parameters() : nullptr,
                      .random = request.by_rejection ? &request.random : nullptr,
                      .proposal = &request.proposal,
                      .late_guesses = request.by_rejection ? nullptr : &request.late_guesses,
                      .first_output = request.prompt_size});
    task_owner_.push_back(i);
  }
  if (tasks_.empty()) return;
  const auto keep_drafting = [&](int depth, std::span<char> keep) {
    RefreshProposals(step);
    keep_.assign(step.decoding.size(), 0);
    for (std::size_t t = 0; t < keep.size(); ++t) keep_[task_owner_[t]] = keep[t];
    controller_->KeepDrafting(step.view, step.proposals, depth, keep_);
    for (std::size_t t = 0; t < keep.size(); ++t) {
      keep[t] = static_cast<char>(keep[t] && keep_[task_owner_[t]]);
    }
  };
  if (!proposer.Propose(tasks_, step.draft_plan.catch_up_rows, keep_drafting, step.draft_passes)
           .ok())
    ++step.draft_faults;
}

void Speculation::PlanVerify(Step& step, RowBudget budget) {
  if (step.decoding.empty()) return;
  step.verify_plan = controller_->PlanVerify(step.view, step.proposals);
  auto& choices = step.verify_plan.choices;
  choices.resize(step.decoding.size());
  int rows = 0;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    VerifyChoice& choice = choices[i];
    choice.verified = std::clamp(choice.verified, 0, step.proposals[i].length());
    const int room = context_per_slot_ - step.decoding[i]->in_kv - 1 - choice.verified;
    choice.padding = std::clamp(choice.padding, 0, std::max(0, room));
    rows += 1 + choice.verified + choice.padding;
  }
  if (rows <= budget.rows) return;
  for (VerifyChoice& choice : choices) choice.padding = 0;
}

// Must come before the proposers see what was committed.
LookupScore Speculation::ScoreUnused(const Step& step, std::size_t index, int committed) {
  const LookupMatch& match = step.requests[index].lookup;
  const bool used = step.draft_plan.choices[index][ProposerKind::kPromptLookup] > 0;
  if (match.available == 0 || used || committed == 0) return {};
  const ActiveRequest& request = *step.decoding[index];
  const std::span newest = std::span(request.tokens).last(static_cast<std::size_t>(committed));
  // Proposers stand in the order of their kinds: lookup is the first.
  proposers_.front()->Peek(request.slot, kScoredLookup, peeked_);
  const auto [differs, label] = std::ranges::mismatch(newest, peeked_);
  const auto agreed = static_cast<int>(label - peeked_.begin());
  const bool rejected = differs != newest.end() && label != peeked_.end();
  return {.match = match, .scored = agreed + (rejected ? 1 : 0), .agreed = agreed};
}

std::optional<bool> Speculation::NextAgreed(const ActiveRequest& request, const Segment& segment) {
  const auto verified = static_cast<std::size_t>(segment.verified);
  const VerifiedTokens& result = segment.result;
  if (request.by_rejection || segment.error || verified >= request.proposal.tokens.size() ||
      result.accepted != segment.verified || result.committed != result.accepted + 1) {
    return std::nullopt;
  }
  return request.proposal.tokens[verified] == request.tokens.back();
}

void Speculation::Learn(const Step& step) {
  outcomes_.clear();
  for (std::size_t i = 0, s = 0; i < step.decoding.size(); ++i, ++s) {
    while (step.segments[s].request != step.decoding[i]) ++s;
    const Segment& segment = step.segments[s];
    outcomes_.push_back({.evidence = step.proposals[i].evidence,
                         .verified = segment.verified,
                         .accepted = segment.result.accepted,
                         .committed = segment.result.committed,
                         .unused_lookup = ScoreUnused(step, i, segment.result.committed),
                         .next_agreed = NextAgreed(*step.decoding[i], segment),
                         .late_guesses = step.decoding[i]->late_guesses,
                         .failed = segment.error.has_value()});
  }
  const Seconds total = clock_.Now() - step.started;
  controller_->Learn({.view = step.view,
                      .requests = outcomes_,
                      .draft_passes = step.draft_passes,
                      .target = step.target,
                      .target_passes = step.target_passes,
                      .sampling = step.sampling,
                      .host = total - step.DraftTime() - step.target.seconds - step.sampling,
                      .total = total});
  for (const Segment& segment : step.segments) {
    const ActiveRequest& request = *segment.request;
    if (request.finish || segment.error || !request.decoding()) continue;
    for (const auto& proposer : proposers_) proposer->Commit(request.slot, request.tokens);
  }
}

}  // namespace turbospec
