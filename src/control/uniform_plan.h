// Plans of one depth for all requests, as `fixed`, `table`, `ema`, `paper` and (for drafting)
// `budget` make them. Pure; O(requests).
#pragma once

#include <span>

#include "turbospec/controller.h"

namespace turbospec {

// Who proposes under a uniform depth: the draft model when there is one, else prompt lookup.
ProposerKind UniformProposer(const StepView& step);

// Every request drafts `depth` tokens, or as many as can still be of use. 0 = nobody drafts.
DraftPlan DraftUniformly(const StepView& step, int depth);

// All that was proposed is verified, padded where that makes one pass of several. Safe for
// causal_only requests, since nothing is trimmed.
VerifyPlan VerifyAll(const StepView& step, std::span<const ProposalView> proposals);

// Under equal-length passes, padding every request to the longest makes one pass of several. With
// no look at costs it is done only where it adds little: at most a quarter of the rows that are
// needed anyway. Elsewhere the plan stays as it is.
void PadToLongest(BatchRule rule, VerifyPlan& plan);

}  // namespace turbospec
