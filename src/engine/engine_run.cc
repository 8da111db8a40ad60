// The engine's life and its counters; the step itself is in engine_loop.cc.
#include <cstddef>

#include "engine/engine_loop.h"

namespace turbospec {
namespace {

// Conditional acceptance by depth; what a stop string cut short is no rejection.
void CountAcceptance(const Segment& segment, EngineStatistics& statistics) {
  const Proposal& proposal = segment.request->proposal;
  for (int depth = 0; depth < proposal.length(); ++depth) {
    const auto index = static_cast<std::size_t>(depth);
    const auto kind = static_cast<std::size_t>(proposal.evidence[index].proposer);
    AcceptanceCounts& counts = statistics.acceptance[kind];
    ++counts.proposed;
    if (depth >= segment.verified) continue;
    ++counts.verified;
    const bool accepted = depth < segment.result.accepted;
    const bool tried = accepted || (depth == segment.result.accepted &&
                                    segment.result.committed > segment.result.accepted);
    if (!tried) continue;
    if (counts.tried_at.size() <= index) {
      counts.tried_at.resize(index + 1);
      counts.accepted_at.resize(index + 1);
    }
    ++counts.tried_at[index];
    if (!accepted) continue;
    ++counts.accepted;
    ++counts.accepted_at[index];
  }
}

}  // namespace

void EngineLoop::Run() {
  for (;;) {
    if (RunOnce()) continue;
    if (inbox_.stopping()) {
      TakeIn();
      if (slots_.idle() == target_->info().slots && waiting_.empty()) return;
      continue;
    }
    inbox_.WaitForNews();
  }
}

void EngineLoop::Count() {
  const Seconds total = clock_.Now() - step_.started;
  const std::lock_guard lock(statistics_mutex_);
  EngineStatistics& statistics = statistics_;
  ++statistics.steps;
  for (const Segment& segment : step_.segments) {
    if (segment.error) continue;
    statistics.output_tokens += segment.result.committed;
    if (!segment.decodes) {
      statistics.prompt_tokens += segment.fed;
      continue;
    }
    ++statistics.verifications;
    statistics.decoded_tokens += segment.result.committed;
    CountAcceptance(segment, statistics);
  }
  statistics.draft_faults += step_.draft_faults;
  statistics.target_passes += step_.target.passes;
  for (const PassTiming& pass : step_.draft_passes) statistics.draft_passes += pass.passes;
  statistics.draft_time += step_.DraftTime();
  statistics.target_time += step_.target.seconds;
  statistics.sampling_time += step_.sampling;
  statistics.host_time += total - step_.DraftTime() - step_.target.seconds - step_.sampling;
}

EngineStatistics EngineLoop::Snapshot() const {
  const std::lock_guard lock(statistics_mutex_);
  EngineStatistics copy = statistics_;
  copy.waiting = inbox_.waiting();
  return copy;
}

}  // namespace turbospec
