#include "decisions/replay_costs.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "core/statistics.h"

namespace turbospec {

void PassTimes::Add(const PassTiming& pass) {
  if (pass.rows <= 0 || !std::isfinite(pass.seconds.count())) return;
  samples_[{pass.sequences, pass.rows, pass.passes}].push_back(pass.seconds.count());
}

void PassTimes::Finish() {
  std::map<std::pair<int, int>, std::vector<double>> by_rows;
  for (auto& [shape, seconds] : samples_) {
    auto& same_rows = by_rows[{shape.passes, shape.rows}];
    same_rows.insert(same_rows.end(), seconds.begin(), seconds.end());
    medians_[shape] = Median(std::move(seconds));
  }
  samples_.clear();
  for (auto& [key, seconds] : by_rows) {
    curves_[key.first].push_back({key.second, Median(std::move(seconds))});
  }
  FitLine();
}

// Least squares of seconds = per_pass·passes + per_row·rows over the points of all curves, neither
// below zero. It serves only beyond what was measured.
void PassTimes::FitLine() {
  double pp = 0, pr = 0, rr = 0, pt = 0, rt = 0;
  for (const auto& [passes, curve] : curves_) {
    for (const Point& point : curve) {
      pp += 1.0 * passes * passes;
      pr += 1.0 * passes * point.rows;
      rr += 1.0 * point.rows * point.rows;
      pt += passes * point.seconds;
      rt += point.rows * point.seconds;
    }
  }
  const double determinant = pp * rr - pr * pr;
  if (determinant > 1e-9 * pp * rr) {
    per_pass_ = (pt * rr - rt * pr) / determinant;
    per_row_ = (rt * pp - pt * pr) / determinant;
  }
  // One shape alone, or a slope that cannot be: all on the passes, or all on the rows.
  if (per_row_ < 0 || determinant <= 1e-9 * pp * rr) {
    per_row_ = 0;
    per_pass_ = pp > 0 ? pt / pp : 0;
  } else if (per_pass_ < 0) {
    per_pass_ = 0;
    per_row_ = rt / rr;
  }
}

PassEstimate PassTimes::Of(const ReplayShape& shape) const {
  if (shape.rows <= 0 || curves_.empty()) return {.measured = shape.rows <= 0};
  if (const auto same = medians_.find(shape); same != medians_.end()) {
    return {Seconds(same->second), true};
  }
  int more_passes = 0;
  const Curve& curve = NearestCurve(shape.passes, more_passes);
  const double seconds = OnCurve(curve, shape.rows) + more_passes * per_pass_;
  // No pass is faster than a fraction of the fastest one that was ever seen.
  return {Seconds(std::max(seconds, 0.1 * curve.front().seconds)), false};
}

const PassTimes::Curve& PassTimes::NearestCurve(int passes, int& distance) const {
  const auto nearest = std::ranges::min_element(
      curves_, {}, [&](const auto& curve) { return std::abs(curve.first - passes); });
  distance = passes - nearest->first;
  return nearest->second;
}

double PassTimes::OnCurve(const Curve& curve, int rows) const {
  const auto above = std::ranges::lower_bound(curve, rows, {}, &Point::rows);
  if (above == curve.end()) return curve.back().seconds + per_row_ * (rows - curve.back().rows);
  if (above->rows == rows) return above->seconds;
  if (above == curve.begin()) return above->seconds - per_row_ * (above->rows - rows);
  const Point& below = *(above - 1);
  const double part = 1.0 * (rows - below.rows) / (above->rows - below.rows);
  return below.seconds + part * (above->seconds - below.seconds);
}

void ReplayCosts::Add(const StepRecord& record) {
  target.Add(record.target);
  for (const PassTiming& pass : record.draft_passes) draft.Add(pass);
}

void ReplayCosts::Finish() {
  target.Finish();
  draft.Finish();
}

}  // namespace turbospec
