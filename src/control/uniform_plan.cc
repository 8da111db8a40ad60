#include "control/uniform_plan.h"

#include <algorithm>
#include <cstddef>

namespace turbospec {

ProposerKind UniformProposer(const StepView& step) {
  return step.has_draft_model ? ProposerKind::kDraftModel : ProposerKind::kPromptLookup;
}

DraftPlan DraftUniformly(const StepView& step, int depth) {
  const ProposerKind proposer = UniformProposer(step);
  DraftPlan plan;
  plan.choices.resize(step.requests.size());
  for (std::size_t i = 0; i < step.requests.size(); ++i) {
    plan.choices[i][proposer] = std::max(0, std::min(depth, step.requests[i].max_useful));
  }
  return plan;
}

VerifyPlan VerifyAll(const StepView& step, std::span<const ProposalView> proposals) {
  VerifyPlan plan;
  plan.choices.resize(proposals.size());
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    plan.choices[i].verified = proposals[i].length();
  }
  PadToLongest(step.target_rule, plan);
  return plan;
}

void PadToLongest(BatchRule rule, VerifyPlan& plan) {
  if (rule != BatchRule::kEqualLength) return;
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

}  // namespace turbospec
