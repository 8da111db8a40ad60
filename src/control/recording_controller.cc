#include "control/recording_controller.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace turbospec {

RecordingController::RecordingController(std::unique_ptr<Controller> wrapped,
                                         std::vector<StepRecordSink*> sinks)
    : wrapped_(std::move(wrapped)), sinks_(std::move(sinks)) {}

DraftPlan RecordingController::PlanDraft(const StepView& step) {
  DraftPlan plan = wrapped_->PlanDraft(step);
  record_.planned = true;
  record_.requests.resize(step.requests.size());
  for (std::size_t i = 0; i < step.requests.size(); ++i) {
    record_.requests[i] = {.view = step.requests[i]};
    if (i < plan.choices.size()) record_.requests[i].draft = plan.choices[i];
  }
  return plan;
}

void RecordingController::KeepDrafting(const StepView& step,
                                       std::span<const ProposalView> proposals, int depth,
                                       std::span<char> keep) {
  const std::size_t first = record_.keep.size();
  // One answer per request whatever the caller's span holds: readers count on it.
  record_.keep.resize(first + record_.requests.size(), KeepAnswer::kNotAsked);
  const std::span<KeepAnswer> answers = std::span(record_.keep).subspan(first);
  const std::size_t asked = std::min(answers.size(), keep.size());
  for (std::size_t i = 0; i < asked; ++i) {
    if (keep[i] != 0) answers[i] = KeepAnswer::kKept;
  }
  wrapped_->KeepDrafting(step, proposals, depth, keep);
  for (std::size_t i = 0; i < asked; ++i) {
    if (answers[i] == KeepAnswer::kKept && keep[i] == 0) answers[i] = KeepAnswer::kStopped;
  }
  record_.keep_calls.push_back({.depth = depth, .first = first});
}

VerifyPlan RecordingController::PlanVerify(const StepView& step,
                                           std::span<const ProposalView> proposals) {
  VerifyPlan plan = wrapped_->PlanVerify(step, proposals);
  const std::size_t known = std::min(record_.requests.size(), plan.choices.size());
  for (std::size_t i = 0; i < known; ++i) record_.requests[i].verify = plan.choices[i];
  return plan;
}

void RecordingController::Learn(const StepOutcome& outcome) {
  TakeOutcome(outcome);
  record_.step = next_step_++;
  for (StepRecordSink* sink : sinks_) sink->Take(record_);
  record_.Clear();
  wrapped_->Learn(outcome);
}

void RecordingController::TakeOutcome(const StepOutcome& outcome) {
  record_.view = outcome.view;
  record_.view.requests = {};
  record_.view.prompts = {};
  record_.prompts.assign(outcome.view.prompts.begin(), outcome.view.prompts.end());
  const std::size_t known = std::min(record_.requests.size(), outcome.requests.size());
  for (std::size_t i = 0; i < known; ++i) {
    const RequestOutcome& from = outcome.requests[i];
    RequestRecord& to = record_.requests[i];
    to.first = record_.evidence.size();
    to.proposed = static_cast<int>(from.evidence.size());
    record_.evidence.insert(record_.evidence.end(), from.evidence.begin(), from.evidence.end());
    to.verified = from.verified;
    to.accepted = from.accepted;
    to.committed = from.committed;
    to.unused_lookup = from.unused_lookup;
    to.next_agreed = from.next_agreed;
    to.first_guess = record_.late_guesses.size();
    to.guesses = static_cast<int>(from.late_guesses.size());
    record_.late_guesses.insert(record_.late_guesses.end(), from.late_guesses.begin(),
                                from.late_guesses.end());
    to.failed = from.failed;
  }
  record_.draft_passes.assign(outcome.draft_passes.begin(), outcome.draft_passes.end());
  record_.target = outcome.target;
  if (outcome.target.passes > 1) {
    record_.target_passes.assign(outcome.target_passes.begin(), outcome.target_passes.end());
  }
  record_.sampling = outcome.sampling;
  record_.host = outcome.host;
  record_.total = outcome.total;
  const Decision* decision = record_.planned ? wrapped_->LastDecision() : nullptr;
  record_.has_decision = decision != nullptr;
  if (decision != nullptr) record_.decision = *decision;
}

void RecordingController::Forget(RequestId request) {
  record_.forgotten.push_back(request);
  wrapped_->Forget(request);
}

}  // namespace turbospec
