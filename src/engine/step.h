// What walks through one turn of the engine loop: who decodes, what was planned, what was proposed,
// what the target computed. Cleared and reused every turn. Vectors over decoding requests are
// parallel and in slot order.
#pragma once

#include <optional>
#include <vector>

#include "core/result.h"
#include "engine/active_request.h"
#include "engine/verification.h"
#include "turbospec/controller.h"

namespace turbospec {

// The rows of one request in the target pass: `fed` tokens that are committed already (prompt
// chunk, or the last token), then `verified` draft tokens, then `padding` dummy rows.
struct Segment {
  ActiveRequest* request = nullptr;
  int fed = 0;
  int verified = 0;
  int padding = 0;
  bool decodes = false;  // past its prompt; else a prompt chunk
  bool samples = false;  // the last fed token ends what is known: its logits give the next token

  VerifiedTokens result{};
  std::optional<Error> error{};

  int rows() const { return fed + verified + padding; }
};

struct Step {
  std::vector<ActiveRequest*> decoding;
  std::vector<RequestView> requests;
  std::vector<PromptView> prompts;
  StepView view{};
  DraftPlan draft_plan;
  std::vector<ProposalView> proposals;
  VerifyPlan verify_plan;
  std::vector<Segment> segments;  // prompt chunks too; slot order

  Seconds started{0};
  std::vector<PassTiming> draft_passes;
  PassTiming target{};
  std::vector<Pass> target_passes;
  Seconds sampling{0};
  int draft_faults = 0;

  void Clear();
  Seconds DraftTime() const;
};

}  // namespace turbospec
