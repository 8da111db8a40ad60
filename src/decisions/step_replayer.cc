#include "decisions/step_replayer.h"

#include <algorithm>
#include <cstddef>

namespace turbospec {
namespace {

int CopiedTokens(const StepRecord& record, const RequestRecord& request) {
  int copied = 0;
  for (const DraftEvidence& token : record.EvidenceOf(request)) {
    if (token.proposer != ProposerKind::kPromptLookup) break;
    ++copied;
  }
  return copied;
}

bool WasStopped(const StepRecord& record, std::size_t index) {
  return std::ranges::any_of(record.keep_calls, [&](const KeepCall& call) {
    return record.AnswersOf(call)[index] == KeepAnswer::kStopped;
  });
}

// The limit that an engine would have let stand.
int Limit(const StepRecord& record, const RequestRecord& request, const DraftChoice& choice,
          ProposerKind proposer) {
  const bool there = proposer == ProposerKind::kPromptLookup ? record.view.has_lookup
                                                             : record.view.has_draft_model;
  return there ? std::clamp(choice[proposer], 0, std::max(0, request.view.max_useful)) : 0;
}

}  // namespace

const ReplayedStep& StepReplayer::Play(const StepRecord& record) {
  for (const RequestId id : record.forgotten) controller_.Forget(id);
  views_.clear();
  for (const RequestRecord& request : record.requests) views_.push_back(request.view);
  StepView view = record.view;
  view.requests = views_;
  view.prompts = record.prompts;
  step_.requests.assign(record.requests.size(), {});
  step_.same_draft = step_.same_keep = step_.same_verify = true;
  if (record.planned) {
    PlanDraft(record, view);
    Draft(record, view);
    PlanVerify(record, view);
  }
  Learn(record, view);
  return step_;
}

void StepReplayer::PlanDraft(const StepRecord& record, const StepView& view) {
  DraftPlan plan = controller_.PlanDraft(view);
  plan.choices.resize(record.requests.size());
  lanes_.clear();
  for (std::size_t i = 0; i < record.requests.size(); ++i) {
    ReplayedRequest& replayed = step_.requests[i];
    replayed.draft = plan.choices[i];
    step_.same_draft = step_.same_draft && replayed.draft.limit == record.requests[i].draft.limit;
    lanes_.push_back(Enter(record, record.requests[i], replayed));
    Lane& lane = lanes_.back();
    if (!lane.as_recorded) lane.bounded = lane.bounded && !WasStopped(record, i);
  }
}

// Which of the recorded tokens the replayed plan would have had. Lookup comes first and the draft
// model goes on from there, so that another number of copied tokens makes all after them unknown.
StepReplayer::Lane StepReplayer::Enter(const StepRecord& record, const RequestRecord& request,
                                       ReplayedRequest& replayed) {
  const int copied = CopiedTokens(record, request);
  const int drafted = request.proposed - copied;
  if (replayed.draft.limit == request.draft.limit) {
    replayed.copied = copied;
    return {.as_recorded = true, .known = drafted, .drafts = drafted > 0};
  }
  const auto limit = [&](const DraftChoice& choice, ProposerKind proposer) {
    return Limit(record, request, choice, proposer);
  };
  const int recorded_lookup = limit(request.draft, ProposerKind::kPromptLookup);
  const int lookup = limit(replayed.draft, ProposerKind::kPromptLookup);
  const bool lookup_ended = copied < recorded_lookup;
  const int wanted = lookup_ended
                         ? std::min(lookup, copied)
                         : std::min(lookup, std::max(copied, request.view.lookup.available));
  replayed.copied = std::min(wanted, copied);
  replayed.cut = wanted > copied;
  Lane lane{.limit = limit(replayed.draft, ProposerKind::kDraftModel)};
  if (replayed.cut || lane.limit <= replayed.copied) return lane;
  lane.known = replayed.copied == copied ? drafted : 0;
  const int recorded_limit = limit(request.draft, ProposerKind::kDraftModel);
  lane.bounded = replayed.copied == copied && request.proposed < recorded_limit;
  lane.drafts = lane.known > 0;
  replayed.cut = lane.known == 0 && !lane.bounded;
  return lane;
}

void StepReplayer::Draft(const StepRecord& record, const StepView& view) {
  keep_calls_ = 0;
  int deepest = 0;
  for (const Lane& lane : lanes_) deepest = std::max(deepest, lane.drafts ? lane.known : 0);
  for (int depth = 1; depth <= deepest; ++depth) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      if (lanes_[i].drafts) step_.requests[i].drafted = std::min(depth, lanes_[i].known);
    }
    Ask(record, view, depth);
  }
  step_.same_keep = step_.same_keep && keep_calls_ == record.keep_calls.size();
}

void StepReplayer::Ask(const StepRecord& record, const StepView& view, int depth) {
  const auto call = std::ranges::find(record.keep_calls, depth, &KeepCall::depth);
  const bool was_called = call != record.keep_calls.end();
  const auto recorded = was_called ? record.AnswersOf(*call) : std::span<const KeepAnswer>();
  asked_.assign(lanes_.size(), 0);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const Lane& lane = lanes_[i];
    if (!lane.drafts) continue;
    const bool more_allowed = step_.requests[i].proposed() < lane.limit;
    const bool at_bound = lane.bounded && depth >= lane.known;
    const bool asked = lane.as_recorded
                           ? was_called && recorded[i] != KeepAnswer::kNotAsked
                           : step_.requests[i].drafted == depth && more_allowed && !at_bound;
    asked_[i] = asked ? 1 : 0;
  }
  const bool any = std::ranges::any_of(asked_, [](char asked) { return asked != 0; });
  // An engine may also ask of nobody; that is repeated where nothing has changed.
  const bool repeats = was_called && std::ranges::all_of(lanes_, &Lane::as_recorded);
  keep_ = asked_;
  if (any || repeats) {
    ShowProposals(record);
    controller_.KeepDrafting(view, proposals_, depth, keep_);
    ++keep_calls_;
    step_.same_keep = step_.same_keep && was_called;
  }
  Answer(recorded, depth);
}

// Takes the answers: who stops, who goes on, and who would go on where the log does not.
void StepReplayer::Answer(std::span<const KeepAnswer> recorded, int depth) {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = lanes_[i];
    const bool kept = asked_[i] != 0 && keep_[i] != 0;
    if (!recorded.empty()) {
      const bool same = asked_[i] == 0
                            ? recorded[i] == KeepAnswer::kNotAsked
                            : recorded[i] == (kept ? KeepAnswer::kKept : KeepAnswer::kStopped);
      step_.same_keep = step_.same_keep && same;
    }
    if (!lane.drafts) continue;
    if (kept && depth >= lane.known) {
      // Kept on in the log, too: then the engine ended it, and would have here.
      const bool ended = lane.as_recorded && recorded[i] == KeepAnswer::kKept;
      step_.requests[i].cut = !ended;
    }
    // Not asked, as recorded: the log knows how it went on, by itself or not at all.
    const bool silent = lane.as_recorded && asked_[i] == 0;
    lane.drafts = depth < lane.known && (kept || silent);
  }
}

void StepReplayer::ShowProposals(const StepRecord& record) {
  proposals_.clear();
  for (std::size_t i = 0; i < record.requests.size(); ++i) {
    const auto known = static_cast<std::size_t>(step_.requests[i].proposed());
    proposals_.push_back({record.EvidenceOf(record.requests[i]).first(known)});
  }
}

void StepReplayer::PlanVerify(const StepRecord& record, const StepView& view) {
  ShowProposals(record);
  VerifyPlan plan = controller_.PlanVerify(view, proposals_);
  plan.choices.resize(record.requests.size());
  for (std::size_t i = 0; i < record.requests.size(); ++i) {
    const VerifyChoice& recorded = record.requests[i].verify;
    step_.requests[i].verify = plan.choices[i];
    step_.same_verify = step_.same_verify && plan.choices[i].verified == recorded.verified &&
                        plan.choices[i].padding == recorded.padding;
  }
}

void StepReplayer::Learn(const StepRecord& record, const StepView& view) {
  outcomes_.clear();
  for (const RequestRecord& request : record.requests) {
    outcomes_.push_back(record.OutcomeOf(request));
  }
  controller_.Learn({.view = view,
                     .requests = outcomes_,
                     .draft_passes = record.draft_passes,
                     .target = record.target,
                     .target_passes = record.target_passes,
                     .sampling = record.sampling,
                     .host = record.host,
                     .total = record.total});
}

}  // namespace turbospec
