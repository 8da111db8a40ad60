#include "profile/profile_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "profile/cost_tables.h"
#include "profile/sweep.h"
#include "profile/sweep_plan.h"

namespace turbospec {
namespace {

constexpr int kRowsPerFill = 32;
// A first impression may take this part of the budget; a pass beyond it is left to the plan.
constexpr double kScoutShare = 0.04;
constexpr std::array<int, 3> kScoutRows = {1, 8, 32};

class Profiler {
 public:
  Profiler(Model& model, const Clock& clock, const ProfileOptions& options,
           const ProfileProgressFn& progress)
      : model_(model),
        sweep_(model, clock, [this](int rows) { return Report(rows); }),
        clock_(clock),
        options_(options),
        progress_(progress),
        start_(clock.Now()) {}

  Result<ModelCosts> Measure() {
    auto scouted = Scout();
    if (!scouted.ok()) return scouted.error();
    Plan(*scouted);
    for (int round = 1; round <= rounds_; ++round) {
      if (Status measured = Round(round); !measured.ok()) return measured.error();
    }
    return CostsOf(points_, model_.info().slots);
  }

  Status Clear() { return sweep_.Clear(); }

 private:
  Seconds Elapsed() const { return clock_.Now() - start_; }

  Result<CostSurface> Scout() {
    CostTables impression;
    impression.one.contexts = {1};
    for (const int rows : kScoutRows) {
      const PassShape shape{.sequences = 1, .rows = rows, .mean_context = 1};
      if (!sweep_.IsOnePass(shape)) break;
      CostGrid& one = impression.one;
      const bool first = one.rows.empty();
      // A pass of n rows takes at most n times one of 1 row.
      if (!first && one.seconds.back() * rows / one.rows.back() > kScoutShare * options_.budget) {
        break;
      }
      if (Status ready = sweep_.Prepare(shape, kRowsPerFill); !ready.ok()) return ready.error();
      if (first) {
        if (auto warm_up = sweep_.Run(shape); !warm_up.ok()) return warm_up.error();
      }
      auto seconds = sweep_.Run(shape);
      if (!seconds.ok()) return seconds.error();
      one.rows.push_back(rows);
      one.seconds.push_back(std::max(*seconds, Seconds(1e-9)));
      one.measured.push_back(1);
    }
    if (impression.one.rows.empty()) {
      return Unsupported(model_.info().name + " cannot be profiled: it takes no pass of one row");
    }
    return CostSurface::Create(std::move(impression));
  }

  void Plan(const CostSurface& scouted) {
    const ModelInfo& info = model_.info();
    const Seconds left = options_.budget - Elapsed();
    const SweepPlan plan = PlanSweep({.slots = info.slots,
                                      .context_per_slot = info.context_per_slot,
                                      .max_rows = info.max_rows_per_forward},
                                     options_.mode, left, scouted);
    expected_ = Elapsed() + plan.expected;
    rounds_ = plan.rounds;
    Seconds passes{0};
    for (const SweepPoint& point : plan.points) {
      if (!sweep_.IsOnePass(point.shape)) continue;
      points_.push_back(
          {.point = point, .actual_context = sweep_.ActualContext(point.shape), .runs = {}});
      guesses_.push_back(scouted.At(point.shape));
      passes += guesses_.back() * (1 + (point.runs + rounds_ - 1) / rounds_);
      schedule_.push_back(passes);
    }
    // When a point should be done at the latest, if the whole is to end in time.
    for (Seconds& due : schedule_) due = Elapsed() + (options_.budget - Elapsed()) * (due / passes);
  }

  // A share of each point's runs, in the first round with the one that does not count. Behind the
  // schedule, what is measured once is not measured again, so that there is time for every point.
  Status Round(int round) {
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const int counting = points_[i].point.runs;
      int runs = 1 + (counting * round + rounds_ - 1) / rounds_;
      if (Elapsed() > schedule_[i] && round == 1) runs = 1;
      if (Status measured = RunPoint(i, runs); !measured.ok()) return measured;
    }
    return Ok();
  }

  Status RunPoint(std::size_t i, int runs) {
    MeasuredPoint& p = points_[i];
    bool returns = !p.runs.empty() && points_.size() > 1;
    while (static_cast<int>(p.runs.size()) < runs) {
      const Seconds guess = p.runs.empty() ? guesses_[i] : p.Value();
      // The first point, a pass of one row, is measured in any case, so that there is a profile at
      // all.
      const bool must = i == 0 && p.runs.size() < 2;
      if (!must && Elapsed() + guess > options_.budget) return Ok();
      if (Status ready = sweep_.Prepare(p.point.shape, kRowsPerFill); !ready.ok()) return ready;
      auto seconds = sweep_.Run(p.point.shape);
      if (!seconds.ok()) return seconds.error();
      if (returns) p.returns.push_back(p.runs.size());
      returns = false;
      p.runs.push_back(*seconds);
    }
    return Ok();
  }

  Status Report(int rows) const {
    const double done = std::min(0.99, Elapsed() / std::max(expected_, Elapsed()));
    if (!progress_ || progress_({.done = done, .elapsed = Elapsed(), .rows = rows})) return Ok();
    return Cancelled("the profile of " + model_.info().name + " was cancelled");
  }

  Model& model_;
  Sweep sweep_;
  const Clock& clock_;
  ProfileOptions options_;
  const ProfileProgressFn& progress_;
  Seconds start_;
  Seconds expected_{1};
  int rounds_ = 1;
  std::vector<MeasuredPoint> points_;
  std::vector<Seconds> guesses_;   // one per point
  std::vector<Seconds> schedule_;  // likewise
};

Status Check(const Model& model, const ProfileOptions& options) {
  const ModelInfo& info = model.info();
  if (!std::isfinite(options.budget.count()) || !(options.budget.count() > 0)) {
    return InvalidArgument("the time for a profile must be above 0 seconds");
  }
  if (!info.can_truncate) {
    return Unsupported("the memory of " + info.name +
                       " cannot be truncated, so it is served without speculation and needs no "
                       "profile");
  }
  for (SlotId slot = 0; slot < info.slots; ++slot) {
    if (model.Length(slot) > 0) {
      return InvalidArgument("a model can be profiled only while its slots are empty");
    }
  }
  return Ok();
}

}  // namespace

Result<ModelCosts> ProfileModel(Model& model, const Clock& clock, const ProfileOptions& options,
                                const ProfileProgressFn& progress) {
  if (Status can = Check(model, options); !can.ok()) return can.error();
  Profiler profiler(model, clock, options, progress);
  auto costs = profiler.Measure();
  Status cleared = profiler.Clear();
  if (costs.ok() && !cleared.ok()) return cleared.error();
  return costs;
}

}  // namespace turbospec
