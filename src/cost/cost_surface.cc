#include "cost/cost_surface.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "core/statistics.h"

namespace turbospec {
namespace {

constexpr int kMaxRows = 1 << 16;
constexpr std::size_t kMaxContexts = 64;

Error Wrong(const char* grid, const std::string& what) {
  return InvalidArgument("the grid \"" + std::string(grid) + "\": " + what);
}

Status ValidateGrid(const char* name, const CostGrid& grid) {
  if (grid.contexts.empty() || grid.contexts.size() > kMaxContexts) {
    return Wrong(name, "needs 1 to " + std::to_string(kMaxContexts) + " contexts");
  }
  for (std::size_t c = 0; c < grid.contexts.size(); ++c) {
    const double least = c == 0 ? 0 : grid.contexts[c - 1];
    if (!std::isfinite(grid.contexts[c]) || !(grid.contexts[c] > least)) {
      return Wrong(name, "contexts must be above 0 and ascend");
    }
  }
  if (grid.rows.empty()) return Wrong(name, "has no row counts");
  for (std::size_t r = 0; r < grid.rows.size(); ++r) {
    if (grid.rows[r] <= (r == 0 ? 0 : grid.rows[r - 1]) || grid.rows[r] > kMaxRows) {
      return Wrong(name, "row counts must be from 1 to 65536 and ascend");
    }
  }
  const std::size_t points = grid.contexts.size() * grid.rows.size();
  if (grid.seconds.size() != points || grid.measured.size() != points) {
    return Wrong(name, "needs one time per context and row count");
  }
  for (const Seconds time : grid.seconds) {
    if (!std::isfinite(time.count()) || !(time.count() > 0)) {
      return Wrong(name, "times must be above 0 and finite");
    }
  }
  return Ok();
}

CostGrid GridOf(const std::function<Seconds(const PassShape&)>& seconds,
                std::span<const double> contexts, std::span<const int> rows,
                const std::function<int(int)>& sequences_of) {
  CostGrid grid{.contexts = {contexts.begin(), contexts.end()}, .rows = {rows.begin(), rows.end()}};
  for (const double context : contexts) {
    for (const int n : rows) {
      grid.seconds.push_back(
          seconds({.sequences = sequences_of(n), .rows = n, .mean_context = context}));
    }
  }
  grid.measured.assign(grid.seconds.size(), 1);
  return grid;
}

// The nondecreasing values nearest to `values`, by absolute deviation: neighbours that descend are
// pooled and take their median (pool adjacent violators). {10, 14, 12, 13} -> {10, 13, 13, 13}.
std::vector<double> Nondecreasing(std::span<const double> values) {
  struct Block {
    std::vector<double> members;
    double level = 0;
  };
  std::vector<Block> blocks;
  for (const double value : values) {
    blocks.push_back({.members = {value}, .level = value});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].level > blocks.back().level) {
      std::vector<double> last = std::move(blocks.back().members);
      blocks.pop_back();
      Block& pooled = blocks.back();
      pooled.members.insert(pooled.members.end(), last.begin(), last.end());
      pooled.level = Median(pooled.members);
    }
  }
  std::vector<double> levels;
  for (const Block& block : blocks) levels.insert(levels.end(), block.members.size(), block.level);
  return levels;
}

}  // namespace

Status Validate(const CostTables& tables) {
  if (Status one = ValidateGrid("one", tables.one); !one.ok()) return one;
  if (tables.spread_sequences < 1 || tables.spread_sequences > kMaxRows) {
    return InvalidArgument("the sequences of the grid \"spread\" must be from 1 to 65536");
  }
  if (tables.spread_sequences == 1) {
    if (tables.spread == CostGrid{}) return Ok();
    return Wrong("spread", "must be empty where passes have one sequence");
  }
  return ValidateGrid("spread", tables.spread);
}

CostTables TablesOf(const std::function<Seconds(const PassShape&)>& seconds,
                    std::span<const double> contexts, std::span<const int> rows,
                    int spread_sequences) {
  CostTables tables{.spread_sequences = spread_sequences};
  tables.one = GridOf(seconds, contexts, rows, [](int) { return 1; });
  if (spread_sequences > 1) {
    tables.spread = GridOf(seconds, contexts, rows, [&](int n) { return tables.SequencesAt(n); });
  }
  return tables;
}

std::vector<CostSample> SamplesOf(const CostTables& tables, bool measured_only) {
  std::vector<CostSample> samples;
  const auto add = [&](const CostGrid& grid, bool spread) {
    for (std::size_t i = 0; i < grid.seconds.size(); ++i) {
      if (measured_only && grid.measured[i] == 0) continue;
      const int rows = grid.rows[i % grid.rows.size()];
      samples.push_back({.shape = {.sequences = spread ? tables.SequencesAt(rows) : 1,
                                   .rows = rows,
                                   .mean_context = grid.contexts[i / grid.rows.size()]},
                         .seconds = grid.seconds[i]});
    }
  };
  add(tables.one, false);
  add(tables.spread, true);
  return samples;
}

Result<CostSurface> CostSurface::Create(CostTables tables) {
  if (Status valid = Validate(tables); !valid.ok()) return valid.error();
  return CostSurface(std::move(tables));
}

CostSurface::CostSurface(CostTables tables)
    : tables_(std::move(tables)), one_(MakeForm(tables_.one)), spread_(MakeForm(tables_.spread)) {
  logarithms_.assign(static_cast<std::size_t>(tables_.spread_sequences) + 1, 0.0);
  for (std::size_t i = 1; i < logarithms_.size(); ++i) {
    logarithms_[i] = std::log(static_cast<double>(i));
  }
}

CostSurface::Form CostSurface::MakeForm(const CostGrid& grid) {
  Form form{.contexts = grid.contexts, .curves = {}};
  for (std::size_t c = 0; c < grid.contexts.size(); ++c) {
    std::vector<double> raw;
    for (std::size_t r = 0; r < grid.rows.size(); ++r) raw.push_back(grid.at(c, r).count());
    const std::vector<double> level = Nondecreasing(raw);
    Curve curve;
    // Passes smaller than the smallest that was measured cost as much.
    curve.by_rows.assign(static_cast<std::size_t>(grid.rows[0]) + 1, level[0]);
    for (std::size_t r = 1; r < grid.rows.size(); ++r) {
      const int width = grid.rows[r] - grid.rows[r - 1];
      for (int i = 1; i <= width; ++i) {
        curve.by_rows.push_back(std::lerp(level[r - 1], level[r], static_cast<double>(i) / width));
      }
    }
    const auto last = curve.by_rows.size() - 1;
    const std::size_t half = std::max(last / 2, static_cast<std::size_t>(grid.rows[0]));
    // A single row count tells no slope: then rows cost their share of it.
    curve.slope =
        last > half ? (curve.by_rows[last] - curve.by_rows[half]) / static_cast<double>(last - half)
                    : level[0] / grid.rows[0];
    form.curves.push_back(std::move(curve));
  }
  return form;
}

double CostSurface::At(const Curve& curve, int rows) {
  const auto last = static_cast<int>(curve.by_rows.size()) - 1;
  if (rows <= last) return curve.by_rows[static_cast<std::size_t>(rows)];
  return curve.by_rows.back() + curve.slope * (rows - last);
}

double CostSurface::At(const Form& form, int rows, double context) {
  const std::size_t contexts = form.contexts.size();
  if (contexts == 1) return At(form.curves[0], rows);
  std::size_t above = 1;
  while (above + 1 < contexts && context > form.contexts[above]) ++above;
  const double low_context = form.contexts[above - 1], high_context = form.contexts[above];
  const double low = At(form.curves[above - 1], rows), high = At(form.curves[above], rows);
  const double slope = (high - low) / (high_context - low_context);
  if (context >= low_context && context <= high_context) {
    return low + slope * (context - low_context);
  }
  if (context > high_context) return high + std::max(0.0, slope) * (context - high_context);
  // Down to an empty context the line may not lose more than half: noise would make it negative.
  return std::max(0.5 * low, low - std::max(0.0, slope) * (low_context - context));
}

// 0: all rows in one sequence; 1: as many sequences as there can be.
double CostSurface::SpreadShare(const PassShape& shape) const {
  const int most = tables_.SequencesAt(shape.rows);
  if (shape.sequences <= 1 || most <= 1) return 0;
  if (shape.sequences >= most) return 1;
  return logarithms_[static_cast<std::size_t>(shape.sequences)] /
         logarithms_[static_cast<std::size_t>(most)];
}

Seconds CostSurface::At(const PassShape& shape) const {
  if (shape.rows <= 0) return Seconds(0);
  const double share = SpreadShare(shape);
  double seconds = 0;
  if (share < 1) seconds += (1 - share) * At(one_, shape.rows, shape.mean_context);
  if (share > 0) seconds += share * At(spread_, shape.rows, shape.mean_context);
  return Seconds(seconds);
}

}  // namespace turbospec
