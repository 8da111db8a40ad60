// What the acceptance predictor believes before it has seen a label, and how fast it forgets.
#pragma once

#include <array>

#include "core/result.h"
#include "turbospec/controller.h"

namespace turbospec {

struct AcceptanceOptions {
  // Acceptance of a first draft token with ordinary evidence, by ProposerKind; the profile's, where
  // it has one. The estimate returns to it when labels stay away. In (0, 1).
  std::array<double, kProposerKinds> prior_acceptance{0.5, 0.65};
  // Standard deviation of that prior's logit. > 0.
  double prior_spread = 1.5;

  // The level that all requests share wanders: standard deviation of its logit gained per step
  // without labels (>= 0), and steps after which 1/e of its distance to the prior is left (>= 1).
  double shared_drift = 0.045;
  double shared_memory_steps = 300;

  // The same for what is particular to a request; the drift as a share of the spread between
  // requests. 0.14 forgets labels older than about 20.
  double request_drift = 0.14;
  double request_memory_steps = 100;

  // Standard deviation of the logit between requests, at start. In [0.1, 3].
  double request_spread = 1.0;
  // Learn that spread from the requests that finish.
  bool learns_spread = true;

  // Requests that state is reserved for; more work too, at the price of an allocation. >= 1.
  int reserved_requests = 256;
};

// kInvalidArgument names the field, its value and its range.
Status Validate(const AcceptanceOptions& options);

}  // namespace turbospec
