// A source of draft tokens. The engine calls it on the engine thread: Start when a request takes a
// slot, Commit after every step, Propose once per step over all requests that may draft, Finish
// when the slot is given back. A fault in a proposer never fails a request: Propose returns an
// error, proposals keep what was complete, and the proposer's own state stays usable.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/random.h"
#include "core/result.h"
#include "sampling/distribution.h"
#include "sampling/sampling_parameters.h"
#include "turbospec/controller.h"
#include "turbospec/types.h"

namespace turbospec {

// Draft tokens of one request, extended by one proposer after another. Vectors are parallel.
struct Proposal {
  std::vector<TokenId> tokens;
  std::vector<DraftEvidence> evidence;
  std::vector<Distribution> q;  // what token j was drawn from; empty = proposed for certain

  int length() const { return static_cast<int>(tokens.size()); }
  void Clear() { tokens.clear(), evidence.clear(), q.clear(); }
};

struct ProposalTask {
  SlotId slot = 0;
  std::span<const TokenId> tokens;  // committed: prompt + output
  int limit = 0;                    // total proposal length up to which to extend
  int recent = 0;                   // as DraftChoice::recent
  // Draw from q under these parameters (rejection rule); null: take the argmax of q.
  const SamplingParameters* sampling = nullptr;
  RandomStream* random = nullptr;  // fresh draws; set when sampling is
  Proposal* proposal = nullptr;    // extended in place
  // Where to put what would have been guessed for tokens from `first_output` on, if they are read
  // to catch up; null: nobody asks.
  std::vector<LateGuess>* late_guesses = nullptr;
  int first_output = 0;
};

// Asked after every draft pass, with the depth reached; clears keep[i] of tasks that should stop.
// keep is parallel to the tasks.
using KeepDraftingFn = std::function<void(int depth, std::span<char> keep)>;

class Proposer {
 public:
  virtual ~Proposer() = default;

  virtual ProposerKind kind() const = 0;
  // How the passes of Propose are cut; kOnePass for proposers that make none.
  virtual BatchRule batch_rule() const = 0;
  // As ModelInfo::fills_gaps.
  virtual bool fills_gaps() const { return false; }

  virtual void Start(SlotId slot, std::span<const TokenId> prompt) = 0;
  // `tokens` is the whole committed sequence; costs O(tokens new since the last call).
  virtual void Commit(SlotId slot, std::span<const TokenId> tokens) = 0;
  virtual void Finish(SlotId slot) = 0;

  // What could be proposed right now at no cost; all zero for proposers that need a pass.
  virtual LookupMatch Match(SlotId slot) const = 0;
  // The tokens that Match speaks of, at most `limit`, in place of what `tokens` held.
  virtual void Peek(SlotId slot, int limit, std::vector<TokenId>& tokens) const = 0;
  // Committed tokens that must be fed before this proposer can draft; 0 for prompt lookup.
  virtual int Lag(SlotId slot, int committed) const = 0;

  // Extends the proposals. `passes` gets one entry per model pass made. Tasks are in slot order.
  // `catch_up_rows` is as in DraftPlan.
  virtual Status Propose(std::span<ProposalTask> tasks, int catch_up_rows,
                         const KeepDraftingFn& keep_drafting, std::vector<PassTiming>& passes) = 0;
};

}  // namespace turbospec
