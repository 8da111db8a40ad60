#include "sim/metered_controller.h"

namespace turbospec {

DraftPlan MeteredController::PlanDraft(const StepView& step) {
  clock_.Advance(cost_.per_step);
  DraftPlan plan = inner_->PlanDraft(step);
  if (const Decision* decision = inner_->LastDecision()) {
    meter_.candidates += static_cast<std::int64_t>(decision->candidates.size());
    const auto reason = static_cast<std::size_t>(decision->reason);
    if (reason < meter_.reasons.size()) ++meter_.reasons[reason];
  }
  return plan;
}

VerifyPlan MeteredController::PlanVerify(const StepView& step,
                                         std::span<const ProposalView> proposals) {
  VerifyPlan plan = inner_->PlanVerify(step, proposals);
  int rows = 0;
  for (const VerifyChoice& choice : plan.choices) rows += 1 + choice.verified + choice.padding;
  clock_.Advance(rows * cost_.per_row);
  return plan;
}

void MeteredController::Learn(const StepOutcome& outcome) {
  inner_->Learn(outcome);
  if (outcome.requests.empty()) return;  // prompts alone
  StepFigures record{.ended = clock_.Now().count(),
                     .seconds = static_cast<float>(outcome.total.count()),
                     .requests = static_cast<int>(outcome.requests.size())};
  for (const RequestOutcome& each : outcome.requests) {
    record.tokens += each.committed;
    record.drafted += static_cast<int>(each.evidence.size());
    record.verified += each.verified;
  }
  meter_.records.push_back(record);
}

}  // namespace turbospec
