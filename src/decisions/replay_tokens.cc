#include "decisions/replay_tokens.h"

#include <algorithm>
#include <cstddef>

namespace turbospec {

CommitEstimate CommitsIfVerified(const StepRecord& record, const RequestRecord& request,
                                 int verified, const AcceptanceTable& acceptance) {
  if (request.failed || verified == request.verified) return {.tokens = 1.0 * request.committed};
  // A stop or a contradiction ended the step: nothing more could have come.
  const bool ended = request.committed <= request.accepted || request.accepted < request.verified;
  const int known = std::min(verified, request.accepted) + 1;
  CommitEstimate commits{.tokens = 1.0 * std::min(known, request.committed)};
  if (ended) return commits;
  const auto evidence = record.EvidenceOf(request);
  double survival = 1;
  for (int j = request.verified; j < verified; ++j) {
    survival *= acceptance.Conditional(evidence[static_cast<std::size_t>(j)].proposer, j + 1);
    commits.estimated += survival;
  }
  commits.tokens += commits.estimated;
  return commits;
}

}  // namespace turbospec
