#include "control/fixed_controller.h"

#include <algorithm>
#include <utility>

namespace turbospec {
namespace {

// Padding every request to the longest makes one pass of several. Without a cost model it is done
// only where it adds little: at most a quarter of the rows that are needed anyway.
void PadToLongest(VerifyPlan& plan) {
  int longest = 0;
  int rows = 0;
  for (const VerifyChoice& choice : plan.choices) {
    longest = std::max(longest, choice.verified + 1);
    rows += choice.verified + 1;
  }
  const int padded = longest * static_cast<int>(plan.choices.size());
  if (4 * (padded - rows) > rows) return;
  for (VerifyChoice& choice : plan.choices) choice.padding = longest - choice.verified - 1;
}

}  // namespace

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
  VerifyPlan plan;
  plan.choices.resize(proposals.size());
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    plan.choices[i].verified = proposals[i].length();
  }
  if (step.target_rule == BatchRule::kEqualLength) PadToLongest(plan);
  return plan;
}

}  // namespace turbospec
