#include "decisions/replay.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "decisions/replay_tokens.h"
#include "turbospec/batch_shape.h"

namespace turbospec {
namespace {

constexpr int kMostRows = 1 << 20;

int Depth(const DraftChoice& choice) {
  return std::clamp(std::max(choice.limit[0], choice.limit[1]), 0, kMostRows);
}

int Verified(const VerifyChoice& choice, int proposed) {
  return std::clamp(choice.verified, 0, proposed);
}

int Rows(const VerifyChoice& choice, int proposed) {
  return 1 + Verified(choice, proposed) + std::clamp(choice.padding, 0, kMostRows);
}

// Rows by slot of the decoding requests, for the cut into passes.
class SlotRows {
 public:
  explicit SlotRows(BatchRule rule) : rule_(rule) {}
  void Add(SlotId slot, int rows) {
    const auto place = static_cast<std::size_t>(slot);
    if (rows_.size() <= place) rows_.resize(place + 1);
    rows_[place] += rows;
    sum_ += rows;
    ++sequences_;
  }
  int passes() const {
    return static_cast<int>(SplitIntoPasses(rule_, rows_, std::numeric_limits<int>::max()).size());
  }
  std::int64_t sum() const { return sum_; }
  int sequences() const { return sequences_; }

 private:
  BatchRule rule_;
  std::vector<int> rows_;
  std::int64_t sum_ = 0;
  int sequences_ = 0;
};

int Bounded(std::int64_t rows) {
  return static_cast<int>(std::clamp<std::int64_t>(rows, 1, 1 << 30));
}

// The target pass as recorded, changed by what the other plan has more or less of each request, so
// that prompt rows and whatever else was in it stay.
ReplayShape TargetShape(const StepRecord& record, const ReplayedStep& replayed) {
  if (record.target.rows == 0) return {};
  SlotRows before(record.view.target_rule);
  SlotRows after(record.view.target_rule);
  for (std::size_t i = 0; i < record.requests.size(); ++i) {
    const RequestRecord& request = record.requests[i];
    const ReplayedRequest& other = replayed.requests[i];
    before.Add(request.view.slot, Rows(request.verify, request.proposed));
    after.Add(request.view.slot, Rows(other.verify, other.proposed()));
  }
  return {.sequences = record.target.sequences,
          .rows = Bounded(record.target.rows + after.sum() - before.sum()),
          .passes = std::max(1, record.target.passes + after.passes() - before.passes())};
}

// The same draft passes: those that only let a lagging draft catch up included, which leave no
// token.
bool SameDrafting(const StepRecord& record, const ReplayedStep& replayed) {
  for (std::size_t i = 0; i < record.requests.size(); ++i) {
    const RequestRecord& request = record.requests[i];
    const ReplayedRequest& other = replayed.requests[i];
    const bool drafts = other.draft[ProposerKind::kDraftModel] > 0;
    const bool drafted = request.draft[ProposerKind::kDraftModel] > 0;
    if (other.proposed() != request.proposed || drafts != drafted) return false;
  }
  return true;
}

// The pass in which requests get their draft token number `depth`: the first feeds what lags.
ReplayShape DraftShape(const StepRecord& record, const ReplayedStep& replayed, int depth) {
  SlotRows rows(record.view.draft_rule);
  for (std::size_t i = 0; i < record.requests.size(); ++i) {
    if (replayed.requests[i].drafted < depth) continue;
    const RequestView& view = record.requests[i].view;
    rows.Add(view.slot, depth == 1 ? std::clamp(view.draft_lag, 1, kMostRows) : 1);
  }
  if (rows.sequences() == 0) return {};
  return {.sequences = rows.sequences(), .rows = Bounded(rows.sum()), .passes = rows.passes()};
}

ReplayShape ShapeOf(const PassTiming& pass) {
  return {.sequences = pass.sequences, .rows = pass.rows, .passes = pass.passes};
}

}  // namespace

void ReplayBasis::Add(const StepRecord& record) {
  acceptance.Add(record);
  costs.Add(record);
}

const StepComparison* Replay::Play(const StepRecord& record) {
  const ReplayedStep& replayed = replayer_.Play(record);
  if (!record.planned) return nullptr;
  comparison_ = {.step = record.step,
                 .requests = static_cast<int>(record.requests.size()),
                 .identical = replayed.identical()};
  CompareRequests(record, replayed);
  Price(record, replayed);
  totals_.realised += record.total;
  AddUp(replayed);
  return &comparison_;
}

void Replay::CompareRequests(const StepRecord& record, const ReplayedStep& replayed) {
  for (std::size_t i = 0; i < record.requests.size(); ++i) {
    const RequestRecord& request = record.requests[i];
    const ReplayedRequest& other = replayed.requests[i];
    const bool same_verify =
        other.verify.verified == request.verify.verified && other.proposed() == request.proposed;
    // What the engine made of the same choice.
    const int verified = same_verify ? request.verified : Verified(other.verify, other.proposed());
    const CommitEstimate commits = CommitsIfVerified(record, request, verified, basis_.acceptance);
    comparison_.recorded.depth += Depth(request.draft);
    comparison_.recorded.verified += request.verified;
    comparison_.recorded.tokens += request.committed;
    comparison_.other.depth += Depth(other.draft);
    comparison_.other.verified += verified;
    comparison_.other.tokens += commits.tokens;
    comparison_.cut += other.cut ? 1 : 0;
    totals_.estimated_tokens += commits.estimated;
    ++totals_.depth_change[Depth(other.draft) - Depth(request.draft)];
    ++totals_.verified_change[verified - request.verified];
  }
}

void Replay::Price(const StepRecord& record, const ReplayedStep& replayed) {
  const Seconds rest = record.sampling + record.host;
  const PassTimes& target = basis_.costs.target;
  comparison_.recorded.seconds =
      rest + Estimate(target, ShapeOf(record.target), false) + PriceDrafting(record, nullptr);
  comparison_.other.seconds = rest + Estimate(target, TargetShape(record, replayed), true) +
                              PriceDrafting(record, &replayed);
}

// Null: the recorded side.
Seconds Replay::PriceDrafting(const StepRecord& record, const ReplayedStep* replayed) {
  const PassTimes& draft = basis_.costs.draft;
  Seconds sum{0};
  if (replayed == nullptr || SameDrafting(record, *replayed)) {
    for (const PassTiming& pass : record.draft_passes) {
      sum += Estimate(draft, ShapeOf(pass), replayed != nullptr);
    }
    return sum;
  }
  for (int depth = 1;; ++depth) {
    const ReplayShape shape = DraftShape(record, *replayed, depth);
    if (shape.rows == 0) return sum;
    sum += Estimate(draft, shape, true);
  }
}

Seconds Replay::Estimate(const PassTimes& times, const ReplayShape& shape, bool counts) {
  const PassEstimate estimate = times.Of(shape);
  if (counts) {
    ++totals_.shapes;
    totals_.measured_shapes += estimate.measured ? 1 : 0;
  }
  return estimate.seconds;
}

void Replay::AddUp(const ReplayedStep& replayed) {
  const auto add = [](ReplaySide& sum, const ReplaySide& step) {
    sum.depth += step.depth;
    sum.verified += step.verified;
    sum.tokens += step.tokens;
    sum.seconds += step.seconds;
  };
  add(totals_.recorded, comparison_.recorded);
  add(totals_.other, comparison_.other);
  ++totals_.steps;
  totals_.identical += comparison_.identical ? 1 : 0;
  totals_.same_draft += replayed.same_draft ? 1 : 0;
  totals_.same_verify += replayed.same_verify ? 1 : 0;
  totals_.requests += comparison_.requests;
  totals_.cut_requests += comparison_.cut;
  totals_.cut_steps += comparison_.cut > 0 ? 1 : 0;
}

}  // namespace turbospec
