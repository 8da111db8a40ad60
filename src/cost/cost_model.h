// What a pass of one model takes now: the profile's surface, times one drift factor for the whole
// model, times a slow correction for similar shapes. Learns from every measured pass.
// Pure and deterministic; owned by one thread. Predict costs a surface lookup and ~10 ns; Observe
// below a microsecond.
//
// Corrections live in cells at certain row counts; between two of them a shape has its share of
// both, so that a point which the profile has wrong is put right together with what was
// interpolated from it. With e = ln(measured / surface), a shape's correction k and drift d, each
// observation gives e - k as evidence for d and e - d as evidence for k:
//   d = mean of the last 16 evidences without the 3 largest and 3 smallest. A stall is among those
//       dropped; a process that takes half of the machine is followed within 16 passes.
//   k = mean of clipped evidences with as many imagined zeros as `shrinkage`, slowly forgetting.
// So what all shapes share becomes drift, what one shape has alone becomes its correction. A shape
// that was seen less than twice says nothing of the drift: else a new one that the profile has too
// cheap would make all others look dear.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cost/cost_surface.h"
#include "cost/pass_shape.h"
#include "cost/prediction_error.h"

namespace turbospec {

struct CostModelOptions {
  // What a pass takes on top when the one before had another shape; drift applies, corrections do
  // not. >= 0.
  Seconds shape_change{0};
  double shrinkage = 4;          // imagined observations of "the surface is right" per cell
  double correction_clip = 0.5;  // evidence for a correction is cut to this, as a logarithm
  int correction_memory = 64;    // observations of a cell that count; older ones fade
  double most = 4;               // drift and corrections stay within [1/most, most] each
};

Status Validate(const CostModelOptions& options);

class CostModel {
 public:
  explicit CostModel(CostSurface surface, const CostModelOptions& options = {});

  Seconds Predict(const PassShape& shape) const;
  // Predict(shape) = surface().At(shape) * drift() * Correction(shape).
  double drift() const { return drift_; }
  double Correction(const PassShape& shape) const;

  // What a pass takes on top when the one before had another shape.
  Seconds ShapeChange() const { return options_.shape_change * drift_; }

  // A pass of that shape took so long. Ignored: no rows, or seconds not positive and finite.
  void Observe(const PassShape& shape, Seconds seconds);
  // Passes that were only measured together, e.g. those of one ragged batch; so many of them of
  // another shape than the pass before.
  void ObserveSum(std::span<const PassShape> shapes, Seconds seconds, int changes = 0);

  // Of predictions made just before each observation.
  const PredictionError& error() const { return error_; }
  const CostSurface& surface() const { return surface_; }

  // Cells: rows at half powers of two (1, 2, 3, 4, 6, 8, 12, 16, …), contexts by powers of four,
  // three kinds of spread (one sequence; one row each; between).
  static constexpr std::size_t kRowNodes = 24;
  static constexpr std::size_t kContextBuckets = 6;
  static constexpr std::size_t kSpreads = 3;
  static constexpr std::size_t kCells = kRowNodes * kContextBuckets * kSpreads;

  // The cells a shape has part in: `cell` and the next one, which has more rows.
  struct Place {
    std::size_t cell = 0;
    double next = 0;  // share of the next one, in [0, 1); the other's is what is left of 1
  };
  static Place PlaceOf(const PassShape& shape);

 private:
  struct Cell {
    double log_correction = 0;
    double factor = 1;  // exp(log_correction)
    double count = 0;
  };
  static constexpr std::size_t kWindow = 16;
  static constexpr std::size_t kDropped = 3;
  static constexpr double kNovel = 2;  // a shape seen less often says nothing of the drift

  double TimesSeen(const PassShape& shape) const;
  void LearnDrift(double evidence);
  void LearnCorrection(const PassShape& shape, double surplus, double share);
  void LearnCell(Cell& cell, double surplus, double share);

  CostSurface surface_;
  CostModelOptions options_;
  std::vector<Cell> cells_;
  std::array<double, kWindow> evidence_{};  // a ring; begins as "the surface is right"
  std::size_t next_ = 0;
  double log_drift_ = 0;
  double drift_ = 1;
  PredictionError error_;
};

}  // namespace turbospec
