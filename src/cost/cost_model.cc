#include "cost/cost_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace turbospec {
namespace {

// Doubling the rows makes two nodes. Of one that is the share by which the rows are beyond it.
struct RowPlace {
  std::size_t node = 0;
  double beyond = 0;  // in [0, 1)
};

// 1 -> node 0, 2 -> node 2, 3 -> node 3, 4 -> node 4, 5 -> half beyond it, 6 -> node 5, …
RowPlace PlaceOfRows(int rows) {
  const auto n = static_cast<unsigned>(std::max(rows, 1));
  const auto power = static_cast<std::size_t>(std::bit_width(n)) - 1;
  const double octave = std::ldexp(1.0, static_cast<int>(power));
  const double halves = 2 * (n / octave - 1);  // [0, 2)
  const std::size_t upper_half = halves >= 1 ? 1 : 0;
  const std::size_t node = 2 * power + upper_half;
  if (node + 1 >= CostModel::kRowNodes) return {.node = CostModel::kRowNodes - 1};
  return {.node = node, .beyond = halves - static_cast<double>(upper_half)};
}

// Up to 128, 512, 2048, …
std::size_t ContextBucket(double context) {
  std::size_t bucket = 0;
  for (double limit = 128; context > limit && bucket + 1 < CostModel::kContextBuckets; limit *= 4) {
    ++bucket;
  }
  return bucket;
}

std::size_t SpreadBucket(const PassShape& shape) {
  if (shape.sequences <= 1) return 0;
  return shape.sequences >= shape.rows ? 2 : 1;
}

bool Usable(Seconds seconds) {
  return std::isfinite(seconds.count()) && seconds.count() > 0;
}

}  // namespace

Status Validate(const CostModelOptions& options) {
  if (!(options.shrinkage >= 0) || !std::isfinite(options.shrinkage)) {
    return InvalidArgument("cost model: shrinkage must not be negative");
  }
  if (!(options.shape_change.count() >= 0) || !std::isfinite(options.shape_change.count())) {
    return InvalidArgument("cost model: shape_change must not be negative");
  }
  if (!(options.correction_clip > 0)) {
    return InvalidArgument("cost model: correction_clip must be above 0");
  }
  if (options.correction_memory < 1) {
    return InvalidArgument("cost model: correction_memory must be at least 1");
  }
  if (!(options.most > 1)) return InvalidArgument("cost model: most must be above 1");
  return Ok();
}

CostModel::CostModel(CostSurface surface, const CostModelOptions& options)
    : surface_(std::move(surface)), options_(options), cells_(kCells) {}

CostModel::Place CostModel::PlaceOf(const PassShape& shape) {
  const RowPlace rows = PlaceOfRows(shape.rows);
  const std::size_t kind =
      SpreadBucket(shape) * kContextBuckets + ContextBucket(shape.mean_context);
  return {.cell = kind * kRowNodes + rows.node, .next = rows.beyond};
}

double CostModel::Correction(const PassShape& shape) const {
  const Place place = PlaceOf(shape);
  const double factor = cells_[place.cell].factor;
  if (place.next == 0) return factor;
  return factor + place.next * (cells_[place.cell + 1].factor - factor);
}

// In observations of just this shape; those of its neighbours count in part.
double CostModel::TimesSeen(const PassShape& shape) const {
  const Place place = PlaceOf(shape);
  const double own = 1 - place.next;
  if (place.next == 0) return cells_[place.cell].count;
  return (own * cells_[place.cell].count + place.next * cells_[place.cell + 1].count) /
         (own * own + place.next * place.next);
}

Seconds CostModel::Predict(const PassShape& shape) const {
  return surface_.At(shape) * (drift_ * Correction(shape));
}

void CostModel::Observe(const PassShape& shape, Seconds seconds) {
  ObserveSum(std::span(&shape, 1), seconds);
}

void CostModel::ObserveSum(std::span<const PassShape> shapes, Seconds seconds, int changes) {
  Seconds undrifted = options_.shape_change * changes;
  for (const PassShape& shape : shapes) undrifted += surface_.At(shape) * Correction(shape);
  if (!Usable(seconds) || !Usable(undrifted)) return;
  error_.Add(undrifted * drift_, seconds);
  const double unexplained = std::log(seconds.count() / undrifted.count());
  // Until the drift stands on measurements alone, a machine that is slower than its profile would
  // be mistaken for a slow cell.
  if (error_.observations() < static_cast<std::int64_t>(kWindow)) return LearnDrift(unexplained);
  const auto share_of = [&](const PassShape& shape) {
    const double part = surface_.At(shape) * Correction(shape) / undrifted;
    return std::min(part, 1.0);
  };
  double novel = 0;
  for (const PassShape& shape : shapes) {
    if (TimesSeen(shape) < kNovel) novel += share_of(shape);
  }
  if (novel < 0.5) LearnDrift(unexplained);
  // All passes share what drift does not explain, by their part of the time.
  for (const PassShape& shape : shapes) {
    const double share = share_of(shape);
    if (share > 0) LearnCorrection(shape, unexplained - log_drift_, share);
  }
}

void CostModel::LearnDrift(double evidence) {
  const double most = std::log(options_.most);
  evidence_[next_] = std::clamp(evidence, -most, most);
  next_ = (next_ + 1) % kWindow;
  std::array<double, kWindow> sorted = evidence_;
  std::ranges::sort(sorted);
  double sum = 0;
  for (std::size_t i = kDropped; i < kWindow - kDropped; ++i) sum += sorted[i];
  log_drift_ = sum / static_cast<double>(kWindow - 2 * kDropped);
  drift_ = std::exp(log_drift_);
}

void CostModel::LearnCorrection(const PassShape& shape, double surplus, double share) {
  const Place place = PlaceOf(shape);
  LearnCell(cells_[place.cell], surplus, share * (1 - place.next));
  if (place.next > 0) LearnCell(cells_[place.cell + 1], surplus, share * place.next);
}

void CostModel::LearnCell(Cell& cell, double surplus, double share) {
  const double memory = options_.correction_memory;
  cell.count = std::min(cell.count + share, memory);
  const double clipped = std::clamp(surplus, -options_.correction_clip, options_.correction_clip);
  // The mean of what drift leaves over, with `shrinkage` zeros in it.
  const double pull = share / (cell.count + options_.shrinkage);
  cell.log_correction += pull * clipped;
  const double most = std::log(options_.most);
  cell.log_correction = std::clamp(cell.log_correction, -most, most);
  cell.factor = std::exp(cell.log_correction);
}

}  // namespace turbospec
