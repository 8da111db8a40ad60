#include "model/gap_fill.h"

#include <algorithm>
#include <numeric>

namespace turbospec {
namespace {

struct Gap {
  std::size_t begin = 0;  // first idle slot
  std::size_t end = 0;    // the active slot behind it
};

std::vector<Gap> FindGaps(std::span<const int> rows) {
  std::vector<Gap> gaps;
  std::size_t last_active = rows.size();
  for (std::size_t s = 0; s < rows.size(); ++s) {
    if (rows[s] == 0) continue;
    if (last_active + 1 < s) gaps.push_back({last_active + 1, s});
    last_active = s;
  }
  return gaps;
}

double SecondsOf(std::span<const int> rows, const GapFillLimits& limits,
                 const PassSeconds& seconds) {
  std::vector<int> left(rows.begin(), rows.end());
  double sum = 0;
  ForEachPass(BatchRule::kEqualLength, left, limits.max_rows_per_pass,
              [&](const Pass& pass) { sum += seconds(pass.sequences, pass.rows); });
  return sum;
}

}  // namespace

bool HasGap(std::span<const int> rows_by_slot) {
  const auto active = [](int rows) { return rows > 0; };
  const auto first = std::ranges::find_if(rows_by_slot, active);
  const auto gap = std::find(first, rows_by_slot.end(), 0);
  return std::any_of(gap, rows_by_slot.end(), active);
}

std::vector<int> PlanGapFill(std::span<const int> rows_by_slot, std::span<const int> room_by_slot,
                             const GapFillLimits& limits, const PassSeconds& seconds) {
  std::vector<Gap> gaps = FindGaps(rows_by_slot);
  if (gaps.empty()) return {};
  // The narrow gaps first: they cost the least, and the batch may hold only so many rows.
  std::stable_sort(gaps.begin(), gaps.end(),
                   [](const Gap& a, const Gap& b) { return a.end - a.begin < b.end - b.begin; });
  const int real_rows = std::accumulate(rows_by_slot.begin(), rows_by_slot.end(), 0);
  const int most_fillers = limits.max_rows_per_forward - real_rows;
  std::vector<int> filled(rows_by_slot.begin(), rows_by_slot.end());
  double best = SecondsOf(filled, limits, seconds);
  int fillers = 0;
  for (const Gap& gap : gaps) {
    const int length = std::min(rows_by_slot[gap.begin - 1], rows_by_slot[gap.end]);
    const int added = length * static_cast<int>(gap.end - gap.begin);
    const auto room = room_by_slot.subspan(gap.begin, gap.end - gap.begin);
    if (fillers + added > most_fillers || *std::min_element(room.begin(), room.end()) < length) {
      continue;
    }
    std::fill(filled.begin() + static_cast<std::ptrdiff_t>(gap.begin),
              filled.begin() + static_cast<std::ptrdiff_t>(gap.end), length);
    const double with = SecondsOf(filled, limits, seconds);
    if (with < best) {
      best = with;
      fillers += added;
    } else {
      std::fill(filled.begin() + static_cast<std::ptrdiff_t>(gap.begin),
                filled.begin() + static_cast<std::ptrdiff_t>(gap.end), 0);
    }
  }
  if (fillers == 0) return {};
  for (std::size_t s = 0; s < filled.size(); ++s) filled[s] -= rows_by_slot[s];
  return filled;
}

std::vector<int> PlanGapFill(std::span<const int> rows_by_slot, std::span<const int> lengths,
                             int context_per_slot, const GapFillLimits& limits,
                             const PassCost& prices) {
  if (!HasGap(rows_by_slot)) return {};
  std::vector<int> room(rows_by_slot.size());
  double rows = 0;
  double attended = 0;
  for (std::size_t s = 0; s < room.size(); ++s) {
    room[s] = context_per_slot - lengths[s];
    rows += rows_by_slot[s];
    attended += rows_by_slot[s] * (lengths[s] + (rows_by_slot[s] + 1) / 2.0);
  }
  const double mean_context = attended / rows;
  return PlanGapFill(rows_by_slot, room, limits, [&](int sequences, int pass_rows) {
    return prices(sequences, pass_rows, mean_context).count();
  });
}

std::vector<Pass> SplitFilled(std::span<const int> rows_by_slot, std::span<const int> fillers,
                              int max_rows_per_pass) {
  std::vector<int> filled(rows_by_slot.begin(), rows_by_slot.end());
  for (std::size_t s = 0; s < fillers.size(); ++s) filled[s] += fillers[s];
  return SplitIntoPasses(BatchRule::kEqualLength, filled, max_rows_per_pass);
}

}  // namespace turbospec
