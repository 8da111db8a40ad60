// Proposes what followed the last tokens the last times they stood in the request's own prompt and
// output. Costs no model pass; a committed token costs one index update, a proposed token a few
// hash look-ups. Engine thread. Memory per slot grows with what repeats in its sequence.
#pragma once

#include <span>
#include <vector>

#include "core/result.h"
#include "proposers/ngram_index.h"
#include "proposers/proposer.h"

namespace turbospec {

struct PromptLookupOptions {
  int max_match = 8;      // longest suffix that is looked up, 1 … 30 tokens
  int min_match = 2;      // shortest suffix that counts as a match, 1 … max_match
  int max_proposal = 32;  // tokens proposed at once, >= 1
};

Status Validate(const PromptLookupOptions& options);

// The longest matching suffix decides; among its earlier places the most frequent next token, the
// most recent among equals; the proposal then copies from the latest place where that token
// followed. A copy that reaches the end of the sequence goes on with its own tokens, so that a
// loop of period 2 can be proposed to any depth.
// Example: "a b c x a b c y a b c" proposes y (most recent), then a b c, then y again …
class PromptLookup final : public Proposer {
 public:
  // REQUIRES: Validate(options) passed.
  PromptLookup(const PromptLookupOptions& options, int slots);

  ProposerKind kind() const override { return ProposerKind::kPromptLookup; }
  BatchRule batch_rule() const override { return BatchRule::kOnePass; }

  void Start(SlotId slot, std::span<const TokenId> prompt) override;
  // REQUIRES: `tokens` extends what Start and earlier Commits brought.
  void Commit(SlotId slot, std::span<const TokenId> tokens) override;
  void Finish(SlotId slot) override;

  LookupMatch Match(SlotId slot) const override;
  void Peek(SlotId slot, int limit, std::vector<TokenId>& tokens) const override;
  int Lag(SlotId /*slot*/, int /*committed*/) const override { return 0; }

  // Only starts proposals: one that already has tokens is left as it is. Never fails.
  Status Propose(std::span<ProposalTask> tasks, int catch_up_rows,
                 const KeepDraftingFn& keep_drafting, std::vector<PassTiming>& passes) override;

 private:
  const NgramIndex& IndexOf(SlotId slot) const { return slots_[static_cast<std::size_t>(slot)]; }
  void Extend(const NgramIndex& index, int limit, Proposal& proposal) const;

  PromptLookupOptions options_;
  std::vector<NgramIndex> slots_;
};

}  // namespace turbospec
