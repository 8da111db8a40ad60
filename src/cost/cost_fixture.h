// A machine with a known price list, for the tests of this folder.
#pragma once

#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <utility>

#include "cost/cost_model.h"
#include "cost/cost_profile.h"
#include "cost/cost_surface.h"

namespace turbospec {

inline constexpr std::array<double, 2> kContexts = {64, 384};
inline constexpr std::array<int, 12> kRows = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};

inline PassShape One(int rows, double context = 64) {
  return {.sequences = 1, .rows = rows, .mean_context = context};
}
inline PassShape Spread(int sequences, int rows, double context = 64) {
  return {.sequences = sequences, .rows = rows, .mean_context = context};
}

// Steps of 8 rows of 10 ms each, 1 us per row and attended token, 1 ms per doubling of sequences.
inline Seconds Staircase(const PassShape& shape) {
  const double steps = std::ceil(shape.rows / 8.0);
  return Seconds(0.010 * steps + 1e-6 * shape.rows * shape.mean_context +
                 0.001 * std::log2(static_cast<double>(shape.sequences)));
}

// 5 ms + 1 ms per row.
inline Seconds Line(const PassShape& shape) {
  return Seconds(0.005 + 0.001 * shape.rows);
}

inline CostSurface SurfaceOf(const std::function<Seconds(const PassShape&)>& seconds,
                             int sequences = 8) {
  return CostSurface::Create(TablesOf(seconds, kContexts, kRows, sequences)).value();
}

inline CostProfile SampleProfile() {
  CostProfile profile;
  profile.key = {.target = {.name = "target-1b", .fingerprint = 0xfedcba9876543210},
                 .draft = ProfiledModel{.name = "draft-110m", .fingerprint = 7},
                 .processor = "Some \"fast\" processor",
                 .cores = 2,
                 .device = "cpu",
                 .threads = 2,
                 .slots = 8,
                 .batch_rule = BatchRule::kEqualLength,
                 .kv_type = "f16",
                 .llama_version = "libllama 0.7.0"};
  profile.measured_at = "2026-11-24T21:16:00Z";
  profile.target = {.tables = TablesOf(Staircase, kContexts, kRows, 8),
                    .first_use = Seconds(0.002),
                    .shape_change = Seconds(0.0003),
                    .checks = {{Spread(4, 20, 200), Seconds(0.034)}}};
  profile.draft = ModelCosts{.tables = TablesOf(Line, kContexts, kRows, 8), .checks = {}};
  profile.draft->tables.one.measured[3] = 0;
  profile.host = {.per_step = Seconds(30e-6), .per_row = Seconds(1.5e-6)};
  return profile;
}

}  // namespace turbospec
