// What a request would have committed had another number of its draft tokens been verified. Pure.
#pragma once

#include "control/step_record.h"
#include "decisions/acceptance_table.h"

namespace turbospec {

struct CommitEstimate {
  double tokens = 0;
  double estimated = 0;  // of these, from rates instead of labels
};

// REQUIRES 0 <= verified <= request.proposed. Recorded {verified 3, accepted 3}: verified 1 -> 2;
// verified 5 -> 4 + a4 + a4·a5 with rates a of the log. Recorded {verified 3, accepted 1}: 2 for
// any verified >= 1.
CommitEstimate CommitsIfVerified(const StepRecord& record, const RequestRecord& request,
                                 int verified, const AcceptanceTable& acceptance);

}  // namespace turbospec
