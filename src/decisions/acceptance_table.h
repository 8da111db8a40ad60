// What became of draft tokens, counted by proposer and place in the proposal from the records of a
// log. Only labels count: accepted tokens, and the first one that the target contradicted. What
// stands behind it, what was not verified and what a stop cut off says nothing. O(tokens) a record.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "control/step_record.h"

namespace turbospec {

// How many of a request's draft tokens have a label; the last of them is a rejection if it is more
// than `accepted`. verified 4, accepted 1, committed 2 -> 2; the same ended by a stop (committed 1)
// -> 1; a failed request -> 0.
int LabelsOf(const RequestRecord& request);

struct ProposerAcceptance {
  std::int64_t proposals = 0;  // with a verified token of this proposer
  std::int64_t proposed = 0;   // tokens
  std::int64_t verified = 0;
  std::int64_t accepted = 0;
  std::vector<std::int64_t> tried_at{};  // [j]: labels at place j + 1 of a proposal
  std::vector<std::int64_t> accepted_at{};
  // Lookup only: labels of proposals that were not used.
  std::int64_t unused_tried = 0;
  std::int64_t unused_accepted = 0;
};

class AcceptanceTable {
 public:
  void Add(const StepRecord& record);

  const ProposerAcceptance& of(ProposerKind proposer) const {
    return proposers_[static_cast<std::size_t>(proposer)];
  }

  // Estimate of the conditional acceptance at place `depth` >= 1: the labels there, drawn to the
  // proposer's rate over all places by the weight of four labels, and that to one half.
  double Conditional(ProposerKind proposer, int depth) const;

 private:
  void AddRequest(const StepRecord& record, const RequestRecord& request);

  std::array<ProposerAcceptance, kProposerKinds> proposers_{};
};

}  // namespace turbospec
