#include "control/fixed_controller.h"

#include <algorithm>
#include <utility>

#include "control/uniform_plan.h"

namespace turbospec {
FixedController::FixedController(std::string name, FixedDepths depths)
    : name_(std::move(name)), depths_(depths) {}

DraftPlan FixedController::PlanDraft(const StepView& step) {
  FixedDepths depths = depths_;
  if (depths.substitute && step.has_lookup && !step.has_draft_model) {
    depths.lookup = std::max(depths.lookup, depths.draft_model);
  }
  DraftPlan plan;
  plan.choices.resize(step.requests.size());
  for (std::size_t i = 0; i < step.requests.size(); ++i) {
    const RequestView& request = step.requests[i];
    const bool copies = depths.lookup > 0 && request.lookup.available > 0;
    const ProposerKind proposer = copies ? ProposerKind::kPromptLookup : ProposerKind::kDraftModel;
    plan.choices[i][proposer] =
        std::min(copies ? depths.lookup : depths.draft_model, request.max_useful);
  }
  return plan;
}

VerifyPlan FixedController::PlanVerify(const StepView& step,
                                       std::span<const ProposalView> proposals) {
  return VerifyAll(step, proposals);
}

}  // namespace turbospec
