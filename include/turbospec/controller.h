// The Controller seam: decides how to spend the next step. An engine asks it four things a step, in
// this order: PlanDraft, KeepDrafting (after every draft pass), PlanVerify, Learn.
//
// Pure: no clock, no threads, no I/O, no randomness of its own; the same calls in the same order
// give the same answers bit for bit. Not thread-safe: one engine thread owns it. Spans are valid
// during the call only. Requests keep their order within a step: index i means the same request in
// every call of that step.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "turbospec/batch_shape.h"
#include "turbospec/decision.h"
#include "turbospec/types.h"

namespace turbospec {

// Sources of draft tokens, in the order in which they may extend one proposal.
enum class ProposerKind { kPromptLookup = 0, kDraftModel = 1 };
inline constexpr std::size_t kProposerKinds = 2;

// What prompt lookup would propose for a request, known before planning at no cost.
struct LookupMatch {
  int length = 0;       // tokens of the matched suffix (n of the n-gram); 0 = no match
  int occurrences = 0;  // earlier places where the suffix stands
  int agreeing = 0;     // of these, the places that continue with the proposed first token
  int available = 0;    // tokens that can be proposed
};

// One decoding request before drafting.
struct RequestView {
  RequestId id = 0;
  SlotId slot = 0;
  int context_length = 0;  // committed tokens (prompt + output)
  int draft_lag = 0;    // committed tokens the draft's KV has not seen, >= 1 while a draft exists
  int max_useful = 0;   // draft tokens that could still be committed (output limit, context)
  double weight = 1.0;  // w_i of the goodput sum
  LookupMatch lookup{};
  // The rejection rule with a sampled draft: whether draft token j is verified may depend on
  // evidence up to depth j only, never on deeper evidence (that would bias the output).
  bool causal_only = false;
  bool trains_shared = true;  // false under grammar, penalties or a bias table
};

// A prompt of which some rows share a step's target pass.
struct PromptView {
  SlotId slot = 0;
  int rows = 0;

  friend bool operator==(const PromptView&, const PromptView&) = default;
};

struct StepView {
  std::span<const RequestView> requests;
  int prefill_rows = 0;  // prompt rows that share this step's target pass
  int prefilling = 0;    // admitted requests whose prompts are not computed yet
  // Where the prefill_rows are, by ascending slot. May be empty; then, under kEqualLength, they are
  // taken to be passes of their own.
  std::span<const PromptView> prompts{};
  BatchRule target_rule = BatchRule::kOnePass;
  BatchRule draft_rule = BatchRule::kOnePass;
  // Under kEqualLength: the model gives idle slots between active ones dummy rows where that saves
  // time.
  bool target_fills_gaps = false;
  bool draft_fills_gaps = false;
  bool has_lookup = false;
  bool has_draft_model = false;
};

// limit[p] = total proposed length up to which proposer p may extend this request's proposal;
// proposers act in enum order. {0, 0} = do not speculate; {3, 8} = up to 3 tokens by prompt lookup,
// then the draft model up to 8 in all.
struct DraftChoice {
  std::array<int, kProposerKinds> limit{};
  // > 0: a draft model that lags by more begins anew with so many of the newest committed tokens,
  // as if the text began there, instead of reading all that it has missed. It guesses less well
  // with less context. 0: it reads all.
  int recent = 0;

  int& operator[](ProposerKind p) { return limit[static_cast<std::size_t>(p)]; }
  int operator[](ProposerKind p) const { return limit[static_cast<std::size_t>(p)]; }
};

struct DraftPlan {
  std::vector<DraftChoice> choices;  // one per request of the StepView
  // Rows that the draft model may spend in this step on requests that lag, all together, where that
  // is more than it would by itself: DraftProposerOptions::catch_up_rows. >= 0.
  int catch_up_rows = 0;
};

// Evidence on one draft token; a function of the prefix before it, never of the drawn token.
struct DraftEvidence {
  ProposerKind proposer = ProposerKind::kDraftModel;
  float confidence = 0;  // draft model: ln of the largest q at this depth, <= 0
  int match_length = 0;  // prompt lookup: as LookupMatch, for this token's place
  int occurrences = 0;
  int agreeing = 0;
};

struct ProposalView {
  std::span<const DraftEvidence> evidence;  // one per proposed token

  int length() const { return static_cast<int>(evidence.size()); }
};

struct VerifyChoice {
  int verified = 0;  // draft tokens that enter the target pass, 0 <= verified <= proposed
  int padding = 0;   // dummy rows added after them to reach a cheaper shape, >= 0
};

struct VerifyPlan {
  std::vector<VerifyChoice> choices;  // one per request of the StepView
};

// One batch as the model computed it, dummy rows included.
struct PassTiming {
  int sequences = 0;
  int rows = 0;
  int passes = 0;           // computations the model made of it
  double mean_context = 0;  // attended tokens per row, mean
  Seconds seconds{0};
};

// What prompt lookup would have proposed, scored against what was then committed, although it was
// not verified: labels that cost nothing.
struct LookupScore {
  LookupMatch match{};
  int scored = 0;  // tokens with a label: `agreed`, and the first that differed if one did
  int agreed = 0;
};

// What the draft model, reading committed tokens that it had not followed, would have guessed in
// the place of one of them: a label that cost no draft pass of its own.
struct LateGuess {
  float confidence = 0;  // as DraftEvidence::confidence
  bool agreed = false;
};

// What became of one request in the step.
struct RequestOutcome {
  std::span<const DraftEvidence> evidence;  // of every proposed token
  int verified = 0;
  int accepted = 0;             // <= verified; the first `accepted` tokens survived
  int committed = 0;            // tokens emitted: accepted + 1, less where a stop cut it short
  LookupScore unused_lookup{};  // scored = 0 where lookup was used or had nothing
  // Whether the first draft token that was not verified is what the target said in its place: a
  // label that cost no row. Known where all verified tokens were accepted, and where to be accepted
  // is to be the target's own token (not under the rejection rule).
  std::optional<bool> next_agreed{};
  // Of the newest tokens that the draft model read while it caught up, in no particular order; each
  // is a label of depth 1. Only of tokens that the target chose and where to be accepted is to be
  // the target's own token.
  std::span<const LateGuess> late_guesses{};
  bool failed = false;
};

struct StepOutcome {
  StepView view{};
  std::span<const RequestOutcome> requests;
  std::span<const PassTiming> draft_passes;
  PassTiming target{};
  // What the target made of its rows, in order. May be empty where it is one pass.
  std::span<const Pass> target_passes{};
  Seconds sampling{0};
  Seconds host{0};  // the rest of the step
  Seconds total{0};
};

class Controller {
 public:
  virtual ~Controller() = default;

  virtual std::string_view name() const = 0;

  virtual DraftPlan PlanDraft(const StepView& step) = 0;

  // After a draft pass; `depth` counts the draft model's tokens per request so far in this step
  // (tokens of prompt lookup before them not included). Clear keep[i] where one more draft token is
  // not worth its pass. keep has one entry per request, 1 where another
  // token is still allowed by the plan. Clearing all ends drafting.
  virtual void KeepDrafting(const StepView& step, std::span<const ProposalView> proposals,
                            int depth, std::span<char> keep) = 0;

  virtual VerifyPlan PlanVerify(const StepView& step, std::span<const ProposalView> proposals) = 0;

  virtual void Learn(const StepOutcome& outcome) = 0;

  // A request left the engine; per-request state may go.
  virtual void Forget(RequestId request) = 0;

  // Why the last planned step looks as it does; null: this controller weighs nothing. Valid until
  // the next call of PlanDraft.
  virtual const Decision* LastDecision() const { return nullptr; }
};

}  // namespace turbospec
