// Drafts with a small model: one pass per depth over all requests that still draft. Engine thread.
// Owns the draft model and knows which tokens its KV holds; what the KV has not seen of a request
// (its lag) is fed in the first pass of the next Propose, so a request that never drafts costs
// nothing. The KV of a finished request stays and serves the next prompt that begins alike.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "model/model.h"
#include "proposers/proposer.h"

namespace turbospec {

struct DraftProposerOptions {
  // Rows to feed beyond which a request has to catch up, and up to which a request may feed tokens
  // again to save a pass; >= 1. After a step that was accepted whole a request has two.
  int steady_rows = 4;
  // Rows that one Propose spends on requests that have to catch up, all together; >= 1. A plan may
  // allow more. A request that needs more than what is left feeds a chunk and drafts in a later
  // step, so that a long prompt does not hold up the others.
  int catch_up_rows = 256;
  // Of the tokens that a request reads to catch up, so many of the newest are guessed as well, to
  // learn whether it would have been right; >= 0.
  int late_guesses = 8;
  // Tokens that the target knows: logits of the draft beyond them are ignored. 0 = all are known.
  int vocabulary_size = 0;
};

Status Validate(const DraftProposerOptions& options);

class DraftProposer final : public Proposer {
 public:
  // REQUIRES: Validate(options) passed; `clock` outlives the proposer.
  DraftProposer(std::unique_ptr<Model> model, const DraftProposerOptions& options,
                const Clock& clock);

  const Model& model() const { return *model_; }

  ProposerKind kind() const override { return ProposerKind::kDraftModel; }
  BatchRule batch_rule() const override { return model_->info().batch_rule; }
  bool fills_gaps() const override { return model_->info().fills_gaps; }

  void Start(SlotId slot, std::span<const TokenId> prompt) override;
  void Commit(SlotId slot, std::span<const TokenId> tokens) override;
  void Finish(SlotId slot) override;

  LookupMatch Match(SlotId /*slot*/) const override { return {}; }
  void Peek(SlotId /*slot*/, int /*limit*/, std::vector<TokenId>& tokens) const override {
    tokens.clear();
  }
  // At least 1 for a request with tokens: the logits after its last token need a row.
  int Lag(SlotId slot, int committed) const override;

  // keep_drafting gets the number of tokens drafted here, 1 after the first pass, and is not asked
  // when nobody could draft on. On a failed pass the slots it named lose their KV.
  Status Propose(std::span<ProposalTask> tasks, int catch_up_rows,
                 const KeepDraftingFn& keep_drafting, std::vector<PassTiming>& passes) override;

 private:
  struct SlotState {
    std::size_t base = 0;      // tokens of the text before what the KV holds: see recent
    std::vector<TokenId> fed;  // what the KV holds
    std::size_t agreed = 0;    // how much of it is known to be committed
  };
  // The part of one task in the next round of passes. Positions are those of the text.
  struct Lane {
    std::size_t task = 0;
    SlotId slot = 0;
    int end = 0;  // feeds up to here: rows [end of the KV, end)
    int limit = 0;
    bool drafts = false;   // false: a chunk of catching up
    int guesses_from = 0;  // text positions in [guesses_from, committed) are guessed late
  };

  SlotState& StateOf(SlotId slot) { return slots_[static_cast<std::size_t>(slot)]; }
  const SlotState& StateOf(SlotId slot) const { return slots_[static_cast<std::size_t>(slot)]; }
  int BaseOf(SlotId slot) const { return static_cast<int>(StateOf(slot).base); }
  int FedEnd(SlotId slot) const;
  int RowsOf(const Lane& lane) const { return lane.end - FedEnd(lane.slot); }
  bool IsSteady(const Lane& lane) const;

  void Agree(SlotId slot, std::span<const TokenId> tokens);
  void CutTo(SlotId slot, std::size_t length);
  void BeginAnew(const ProposalTask& task);
  void Forget(SlotId slot);

  void PlanLanes(std::span<const ProposalTask> tasks, int catch_up_left);
  bool PlanLane(const ProposalTask& task, int& catch_up_left, Lane& lane) const;
  void EqualiseRows();
  void KeepWanted(std::span<const ProposalTask> tasks, const KeepDraftingFn& keep_drafting,
                  int depth);

  Status FeedLanes(std::span<ProposalTask> tasks, std::vector<PassTiming>& passes);
  Status Forward(std::span<ProposalTask> tasks, std::vector<PassTiming>& passes);
  PassTiming DescribeRows() const;
  void ReadLogits(const Row& row, std::span<const float> logits, const ProposalTask& task) const;
  void DraftToken(std::span<const float> known, const ProposalTask& task) const;

  std::unique_ptr<Model> model_;
  DraftProposerOptions options_;
  const Clock& clock_;
  std::vector<SlotState> slots_;

  // Of the Propose under way; kept for their memory.
  std::vector<Lane> lanes_;
  std::vector<char> keep_;
  std::vector<Row> rows_;               // of the Forward being filled
  std::vector<std::size_t> row_tasks_;  // parallel
};

}  // namespace turbospec
