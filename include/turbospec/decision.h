// Why a step was planned as it was: what the controller considered, what it predicted and what it
// chose. Filled by controllers that weigh alternatives, read by logs, metrics and replays. The
// controller owns it and overwrites it with the next plan; candidate memory is reused.
#pragma once

#include <vector>

#include "turbospec/types.h"

namespace turbospec {

// One way to spend a step, summed over its requests.
struct PlanCandidate {
  int speculating = 0;    // requests with a proposal
  int by_lookup = 0;      // of these, proposed to by prompt lookup (alone or first)
  int draft_depth = 0;    // passes of the draft model; 0 = it is not used
  int verified = 0;       // draft tokens expected to enter the target pass
  double tokens = 0;      // expected commits, weighted; at least the weight of the requests
  Seconds seconds{0};     // predicted time of the step
  Seconds investment{0};  // of these, spent for later steps (catch-up of a lagging draft)

  double TokensPerSecond() const { return seconds.count() > 0 ? tokens / seconds.count() : 0; }
};

enum class PlanReason {
  kBest,              // the best predicted goodput
  kTie,               // as good as the best, and the shape of the last step
  kNothingToPropose,  // no proposer can act
  kProbe,             // to learn whether speculation pays again
  kReference,         // to measure the step without speculation
  kGuard,             // speculation lost against none; it is off for a while
  kFixed,             // no choice was made
};

struct Decision {
  PlanReason reason = PlanReason::kFixed;
  // Before drafting. candidates[0] is no speculation; `chosen` is an index into them.
  std::vector<PlanCandidate> candidates;
  int chosen = 0;
  double price = 0;  // tokens per second that time was valued at (lambda)
  // After drafting, with the evidence seen: what the verification was expected to yield, the whole
  // step counted.
  double verify_tokens = 0;
  Seconds verify_seconds{0};
};

}  // namespace turbospec
