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

  // Memory of the shared level, in steps: 1/e of its weight is left after so many. >= 1.
  double shared_memory_steps = 50;
  // The same for what changes less: slopes of the evidence, differences between depths. >= 1.
  double slope_memory_steps = 1000;

  // Memory of what is particular to a request: in labels, and in steps without labels. >= 1.
  double request_memory_labels = 40;
  double request_memory_steps = 200;
  // Standard deviation of the logit between requests, at start. > 0.
  double request_spread = 1.0;
  // Learn that spread from the requests that finish.
  bool learns_spread = true;

  // Requests that state is reserved for; more work too, at the price of an allocation. >= 1.
  int reserved_requests = 256;
};

// kInvalidArgument names the field, its value and its range.
Status Validate(const AcceptanceOptions& options);

}  // namespace turbospec
