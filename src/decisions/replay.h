// Another controller on a recorded run: what it would have planned, and an estimate of what that
// would have yielded. Tokens come from the recorded fate of the same draft tokens where they have a
// label, else from the log's acceptance rates; times from ReplayCosts. The run itself stays the
// recorded one: the controller learns from outcomes of the recorded plans.
#pragma once

#include <cstdint>
#include <map>

#include "control/step_record.h"
#include "decisions/acceptance_table.h"
#include "decisions/replay_costs.h"
#include "decisions/step_replayer.h"

namespace turbospec {

// The first reading of the log.
struct ReplayBasis {
  AcceptanceTable acceptance{};
  ReplayCosts costs{};

  void Add(const StepRecord& record);
  void Finish() { costs.Finish(); }
};

// One side of a comparison, for a step or for all.
struct ReplaySide {
  std::int64_t depth = 0;     // planned, sum over requests; with lookup's
  std::int64_t verified = 0;  // sum over requests
  double tokens = 0;
  Seconds seconds{0};  // estimated

  double Goodput() const { return seconds.count() > 0 ? tokens / seconds.count() : 0; }
};

struct StepComparison {
  std::int64_t step = 0;
  int requests = 0;
  bool identical = false;
  int cut = 0;  // requests whose wish the log could not follow
  ReplaySide recorded{};
  ReplaySide other{};
};

struct ReplayTotals {
  std::int64_t steps = 0;  // that were planned
  std::int64_t identical = 0;
  std::int64_t same_draft = 0;
  std::int64_t same_verify = 0;
  std::int64_t requests = 0;  // (request, step) pairs
  std::int64_t cut_requests = 0;
  std::int64_t cut_steps = 0;
  ReplaySide recorded{};
  ReplaySide other{};
  Seconds realised{0};          // the steps' times as measured
  double estimated_tokens = 0;  // of other.tokens, those without a label
  std::int64_t shapes = 0;      // passes that had to be priced for the other plan
  std::int64_t measured_shapes = 0;
  std::map<std::int64_t, std::int64_t> depth_change;     // requests by other − recorded
  std::map<std::int64_t, std::int64_t> verified_change;  // likewise
};

class Replay {
 public:
  // Borrows both.
  Replay(Controller& controller, const ReplayBasis& basis) : basis_(basis), replayer_(controller) {}

  // Steps in the order of the log. Null for a step without plan. Valid until the next call.
  const StepComparison* Play(const StepRecord& record);

  const ReplayTotals& totals() const { return totals_; }

 private:
  void CompareRequests(const StepRecord& record, const ReplayedStep& replayed);
  void Price(const StepRecord& record, const ReplayedStep& replayed);
  Seconds PriceDrafting(const StepRecord& record, const ReplayedStep* replayed);
  Seconds Estimate(const PassTimes& times, const ReplayShape& shape, bool counts);
  void AddUp(const ReplayedStep& replayed);

  const ReplayBasis& basis_;
  StepReplayer replayer_;
  StepComparison comparison_;
  ReplayTotals totals_;
};

}  // namespace turbospec
