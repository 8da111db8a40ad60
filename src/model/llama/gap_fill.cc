#include "model/llama/gap_fill.h"

#include <algorithm>
#include <numeric>

#include "turbospec/batch_shape.h"

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

double Cost(std::span<const int> rows, const GapFillLimits& limits) {
  double cost = 0;
  for (const Pass& pass :
       SplitIntoPasses(BatchRule::kEqualLength, rows, limits.max_rows_per_pass)) {
    cost += limits.pass_cost_rows + pass.rows;
  }
  return cost;
}

}  // namespace

double PassCostRows(Seconds one_row, Seconds many_rows, int rows) {
  constexpr double kDearest = 64;  // rows that cost next to nothing must not divide by it
  const double row = (many_rows - one_row).count() / (rows - 1);
  const double pass = one_row.count() - row;
  if (pass <= 0) return 0;
  return row <= pass / kDearest ? kDearest : pass / row;
}

std::vector<int> PlanGapFill(std::span<const int> rows_by_slot, std::span<const int> room_by_slot,
                             const GapFillLimits& limits) {
  std::vector<Gap> gaps = FindGaps(rows_by_slot);
  if (gaps.empty()) return {};
  // The narrow gaps first: they cost the least and may use up what fillers are allowed.
  std::stable_sort(gaps.begin(), gaps.end(),
                   [](const Gap& a, const Gap& b) { return a.end - a.begin < b.end - b.begin; });
  const int real_rows = std::accumulate(rows_by_slot.begin(), rows_by_slot.end(), 0);
  const int most_fillers = std::min(real_rows, limits.max_rows_per_forward - real_rows);
  std::vector<int> filled(rows_by_slot.begin(), rows_by_slot.end());
  double cost = Cost(filled, limits);
  int fillers = 0;
  for (const Gap& gap : gaps) {
    const int length = std::min(rows_by_slot[gap.begin - 1], rows_by_slot[gap.end]);
    const int added = length * static_cast<int>(gap.end - gap.begin);
    const auto room = room_by_slot.subspan(gap.begin, gap.end - gap.begin);
    if (length > limits.max_rows_per_slot || fillers + added > most_fillers ||
        *std::min_element(room.begin(), room.end()) < length) {
      continue;
    }
    std::fill(filled.begin() + static_cast<std::ptrdiff_t>(gap.begin),
              filled.begin() + static_cast<std::ptrdiff_t>(gap.end), length);
    const double filled_cost = Cost(filled, limits);
    if (filled_cost < cost) {
      cost = filled_cost;
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

}  // namespace turbospec
