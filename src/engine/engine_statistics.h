// Counters of one engine since its start: an immutable copy for /metrics, --json and tests.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "turbospec/controller.h"
#include "turbospec/types.h"

namespace turbospec {

// Acceptance of one proposer. Rates are conditional: entry j counts draft tokens at depth j+1 that
// were verified with all before them accepted, and those of them that were accepted.
struct AcceptanceCounts {
  std::int64_t proposed = 0;
  std::int64_t verified = 0;
  std::int64_t accepted = 0;
  std::vector<std::int64_t> tried_at;
  std::vector<std::int64_t> accepted_at;
};

struct EngineStatistics {
  int running = 0;  // requests that hold a slot
  int waiting = 0;
  std::int64_t finished = 0;
  std::int64_t failed = 0;
  std::int64_t cancelled = 0;
  std::int64_t steps = 0;          // turns that made a target pass
  std::int64_t verifications = 0;  // (request, step) pairs that decoded
  std::int64_t output_tokens = 0;
  std::int64_t decoded_tokens = 0;  // of these, by verifications (not a prompt's first token)
  std::int64_t prompt_tokens = 0;   // fed to the target
  std::int64_t reused_tokens = 0;   // prompt tokens found in KV
  std::int64_t draft_faults = 0;    // proposer calls that failed (no request did)
  std::array<AcceptanceCounts, kProposerKinds> acceptance{};
  std::int64_t target_passes = 0;
  std::int64_t draft_passes = 0;
  Seconds draft_time{0};
  Seconds target_time{0};
  Seconds sampling_time{0};
  Seconds host_time{0};  // the rest of the steps

  // Mean tokens per verification: accepted + 1 on average.
  double AcceptanceLength() const {
    return verifications == 0
               ? 0.0
               : static_cast<double>(decoded_tokens) / static_cast<double>(verifications);
  }
};

}  // namespace turbospec
