#include "profile/sweep_plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace turbospec {
namespace {

constexpr double kLowContext = 64;
constexpr double kQuickHighContext = 384;
constexpr int kQuickRows = 128;
constexpr int kRowsPerSlot = 9;  // quick mode reaches this much speculation in every slot
// Parts of the budget that filling the KV may take: for passes of one sequence, of all slots.
constexpr double kFillOne = 0.2;
constexpr double kFillSpread = 0.15;
// A point may take this part of the budget, which bounds its runs.
constexpr double kPointShare = 0.02;
constexpr int kRounds = 3;
// A context is worth measuring where it is this much longer than the one below: a slope over less
// would be noise.
constexpr double kContextRatio = 2.5;
constexpr double kContextGap = 64;

struct Detail {
  int steps = 4;  // row counts per doubling: 4, 2 or 1
  int max_rows = 0;
  int runs = 1;
};

// 1, 2, 3, …, with `steps` values per doubling; at 4 steps also the value after each power of two
// from 8 on, where tiles of matrix units end.
std::vector<int> RowsUpTo(int most, int steps) {
  std::vector<int> rows;
  const auto add = [&](int n) {
    if (n <= most && (rows.empty() || n > rows.back())) rows.push_back(n);
  };
  for (int power = 1; power <= most; power *= 2) {
    for (int i = 0; i < steps; ++i) {
      add(power + power * i / steps);
      if (i == 0 && steps >= 4 && power >= 8) add(power + 1);
    }
  }
  return rows;
}

// Up to one row of each slot, then equally many of each.
std::vector<int> SpreadRowsUpTo(int most, int steps, int slots) {
  std::vector<int> rows = RowsUpTo(std::min(most, slots - 1), steps);
  for (const int each : RowsUpTo(most / slots, steps)) rows.push_back(each * slots);
  return rows;
}

class Planner {
 public:
  Planner(const SweepLimits& limits, ProfileMode mode, Seconds budget, const CostSurface& scouted)
      : limits_(limits), mode_(mode), budget_(budget), scouted_(scouted) {
    const double fill_row = TimeOf(32).count() / 32;
    one_ = Contexts(kFillOne * budget.count() / fill_row);
    spread_ = Contexts(kFillSpread * budget.count() / fill_row / limits.slots);
    fill_ = Seconds(fill_row) * (one_.back() + (limits.slots > 1 ? spread_.back() : 0) *
                                                   static_cast<double>(limits.slots));
  }

  SweepPlan Plan(const Detail& detail) const {
    SweepPlan plan;
    AddForm(detail, one_, /*spread=*/false, plan.points);
    if (limits_.slots > 1) AddForm(detail, spread_, /*spread=*/true, plan.points);
    for (SweepPoint& point : plan.points) {
      const Seconds pass = TimeOf(point.shape.rows);
      const double affordable = kPointShare * budget_.count() / pass.count();
      point.runs = static_cast<int>(std::clamp(affordable, 1.0, static_cast<double>(detail.runs)));
      plan.expected += pass * (1 + point.runs);
    }
    plan.rounds = plan.expected + fill_ * kRounds <= budget_ ? kRounds : 1;
    plan.expected += fill_ * plan.rounds;
    return plan;
  }

 private:
  Seconds TimeOf(int rows) const {
    return scouted_.At({.sequences = 1, .rows = rows, .mean_context = 1});
  }

  // Ascending, none beyond `most` tokens, which is what filling one slot may take.
  std::vector<double> Contexts(double most) const {
    const double room = 0.75 * limits_.context_per_slot;
    std::vector<double> wanted = {kQuickHighContext};
    if (mode_ == ProfileMode::kFull) wanted = {256, 1024, 4096, room};
    std::ranges::sort(wanted);
    // Two contexts tell more than one that is longer, where two are far enough apart.
    const bool two = most - most / kContextRatio >= kContextGap;
    const double low = std::max(
        1.0, std::floor(std::min({kLowContext, room / 3, two ? most / kContextRatio : most})));
    std::vector<double> contexts = {low};
    for (const double context : wanted) {
      const double reachable = std::floor(std::min({context, room, most}));
      const double least = std::max(contexts.back() * kContextRatio,
                                    contexts.back() + std::min(kContextGap, room / 3));
      if (reachable >= least) contexts.push_back(reachable);
    }
    return contexts;
  }

  void AddForm(const Detail& detail, const std::vector<double>& contexts, bool spread,
               std::vector<SweepPoint>& points) const {
    const auto add = [&](int rows, int sequences, double context, bool check) {
      if (rows > detail.max_rows || rows / sequences > limits_.context_per_slot) return;
      points.push_back({.shape = {.sequences = sequences, .rows = rows, .mean_context = context},
                        .spread = spread,
                        .check = check});
    };
    for (std::size_t c = contexts.size(); c-- > 0;) {
      // A longer context changes a pass little and smoothly: fewer row counts do, and where time
      // is short, smaller ones. (With time the largest are worth it: attention may have another
      // kernel for them.)
      const int steps = c > 0 ? std::max(1, detail.steps / 2) : detail.steps;
      const bool short_of_time = c > 0 && detail.steps < 4;
      const int most =
          short_of_time ? std::max(detail.max_rows / 2, limits_.slots) : detail.max_rows;
      const auto rows = spread ? SpreadRowsUpTo(most, steps, limits_.slots) : RowsUpTo(most, steps);
      for (const int n : rows) add(n, spread ? std::min(n, limits_.slots) : 1, contexts[c], false);
      if (c != 1 && contexts.size() > 1) continue;
      const double between = std::floor(std::sqrt(contexts.front() * contexts[c]));
      for (const auto& [n, sequences] : Checks(spread)) add(n, sequences, between, true);
    }
  }

  // Row counts and numbers of sequences that are not in the grid, in order of rows each.
  std::vector<std::pair<int, int>> Checks(bool spread) const {
    if (!spread) return {{5, 1}, {11, 1}, {22, 1}, {44, 1}, {88, 1}};
    const int slots = limits_.slots, half = slots / 2;
    if (half < 2) return {{11 * slots, slots}};
    return {{2 * half, half}, {5 * half, half}, {9 * half, half}, {11 * slots, slots}};
  }

  SweepLimits limits_;
  ProfileMode mode_;
  Seconds budget_;
  const CostSurface& scouted_;
  std::vector<double> one_;
  std::vector<double> spread_;
  Seconds fill_{0};
};

std::vector<Detail> Details(const SweepLimits& limits, ProfileMode mode) {
  const bool full = mode == ProfileMode::kFull;
  const int most =
      full ? limits.max_rows
           : std::min(limits.max_rows, std::max(kQuickRows, kRowsPerSlot * limits.slots));
  const auto upto = [&](int rows) { return std::min(most, std::max(rows, limits.slots)); };
  std::vector<Detail> details;
  if (full) details = {{4, most, 21}, {4, most, 15}};
  for (const Detail& quick :
       {Detail{4, most, 9}, Detail{4, most, 5}, Detail{2, most, 4}, Detail{2, upto(64), 3},
        Detail{1, upto(64), 3}, Detail{1, upto(64), 2}, Detail{1, upto(32), 2},
        Detail{1, upto(32), 1}, Detail{1, upto(16), 1}}) {
    details.push_back(quick);
  }
  return details;
}

}  // namespace

SweepPlan PlanSweep(const SweepLimits& limits, ProfileMode mode, Seconds budget,
                    const CostSurface& scouted) {
  const Planner planner(limits, mode, budget, scouted);
  SweepPlan plan;
  for (const Detail& detail : Details(limits, mode)) {
    plan = planner.Plan(detail);
    if (plan.expected <= budget) break;
  }
  return plan;
}

}  // namespace turbospec
