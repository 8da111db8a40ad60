#include "profile/cost_tables.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "core/statistics.h"

namespace turbospec {
namespace {

constexpr double kQuiet = 0.25;  // of the runs of a point, which tells what it takes

using Points = std::vector<const MeasuredPoint*>;

Points OfForm(const std::vector<MeasuredPoint>& points, bool spread) {
  Points form;
  for (const MeasuredPoint& p : points) {
    if (!p.runs.empty() && !p.point.check && p.point.spread == spread) form.push_back(&p);
  }
  return form;
}

// What a row costs per attended token, and over how many tokens that was seen.
struct ContextSlope {
  double seconds = 0;
  double span = 0;
};

// From row counts measured at two contexts; nothing without.
ContextSlope SlopeOf(const Points& points) {
  std::vector<double> slopes;
  double span = 0;
  for (const MeasuredPoint* low : points) {
    for (const MeasuredPoint* high : points) {
      const double apart = high->actual_context - low->actual_context;
      if (high->point.shape.rows != low->point.shape.rows || apart < 1) continue;
      slopes.push_back((high->Value() - low->Value()).count() / (apart * low->point.shape.rows));
      span = std::max(span, apart);
    }
  }
  return {.seconds = std::max(0.0, Median(std::move(slopes))), .span = span};
}

// What the point would have taken at `context`. Noise in the slope must not eat the pass.
double MovedTo(double context, const MeasuredPoint& p, double slope) {
  const double value = p.Value().count();
  const double change = slope * p.point.shape.rows * (context - p.actual_context);
  return std::max(0.5 * value, value + change);
}

// The measured points of one form by row count, then by planned context.
using ByRows = std::map<int, std::map<double, const MeasuredPoint*>>;

ByRows Sorted(const Points& points) {
  ByRows by_rows;
  for (const MeasuredPoint* p : points) {
    by_rows[p->point.shape.rows][p->point.shape.mean_context] = p;
  }
  return by_rows;
}

// What a row of a pass of `rows` costs per attended token between two contexts: interpolated
// between the nearest row counts that were measured at both, else `slope`.
double SlopeBetween(const ByRows& by_rows, double from, double to, int rows, double slope) {
  std::optional<std::pair<int, double>> below, above;
  for (const auto& [n, measured] : by_rows) {
    const auto a = measured.find(from), b = measured.find(to);
    if (a == measured.end() || b == measured.end()) continue;
    const double apart = b->second->actual_context - a->second->actual_context;
    if (std::abs(apart) < 1) continue;
    const double change = (b->second->Value() - a->second->Value()).count();
    const std::pair<int, double> found = {n, std::max(0.0, change / (apart * n))};
    if (n <= rows) below = found;
    if (n >= rows && !above) above = found;
  }
  if (!below && !above) return slope;
  if (!below || !above) return (below ? below : above)->second;
  const double width = std::max(1, above->first - below->first);
  return std::lerp(below->second, above->second, (rows - below->first) / width);
}

CostGrid GridOf(const Points& points, const std::set<double>& contexts, double slope) {
  CostGrid grid;
  const ByRows by_rows = Sorted(points);
  grid.contexts.assign(contexts.begin(), contexts.end());
  for (const auto& [rows, unused] : by_rows) grid.rows.push_back(rows);
  for (const double context : grid.contexts) {
    for (const auto& [rows, measured] : by_rows) {
      const auto& [nearest, p] = *std::ranges::min_element(
          measured, {}, [&](const auto& entry) { return std::abs(entry.first - context); });
      const bool here = nearest == context;
      const double used = here ? slope : SlopeBetween(by_rows, nearest, context, rows, slope);
      grid.seconds.emplace_back(MovedTo(context, *p, used));
      grid.measured.push_back(here ? 1 : 0);
    }
  }
  return grid;
}

std::set<double> ContextsOf(const Points& points) {
  std::set<double> contexts;
  for (const MeasuredPoint* p : points) contexts.insert(p->point.shape.mean_context);
  return contexts;
}

Seconds FirstUse(const std::vector<MeasuredPoint>& points) {
  std::vector<double> surplus;
  for (const MeasuredPoint& p : points) {
    if (p.runs.size() > 1) surplus.push_back((p.runs[0] - p.Value()).count());
  }
  return Seconds(std::max(0.0, Median(std::move(surplus))));
}

// The surplus of runs behind another shape over those of the same point that follow one of their
// own. Of the quicker half of the points, where it is not lost in noise; nothing where noise alone
// could explain it.
Seconds ShapeChange(const std::vector<MeasuredPoint>& points) {
  std::vector<std::pair<double, double>> measured;  // of a point: its time, the surplus
  for (const MeasuredPoint& p : points) {
    std::vector<double> behind_its_own, behind_others;
    for (std::size_t i = 1; i < p.runs.size(); ++i) {
      const bool returns = std::ranges::find(p.returns, i) != p.returns.end();
      (returns ? behind_others : behind_its_own).push_back(p.runs[i].count());
    }
    if (behind_its_own.empty() || behind_others.empty()) continue;
    const double usual = Median(std::move(behind_its_own));
    measured.emplace_back(usual, Median(std::move(behind_others)) - usual);
  }
  std::ranges::sort(measured);
  measured.resize((measured.size() + 1) / 2);
  std::vector<double> surplus;
  for (const auto& [usual, more] : measured) surplus.push_back(more);
  const double change = Median(surplus);
  std::vector<double> off;
  for (const double more : surplus) off.push_back(std::abs(more - change));
  const double noise = Median(std::move(off)) / std::sqrt(std::max<double>(1, surplus.size()));
  return Seconds(change > 2 * noise ? change : 0);
}

// Every run as if it had followed one of its own shape.
void TakeOff(Seconds change, std::vector<MeasuredPoint>& points) {
  for (MeasuredPoint& p : points) {
    for (const std::size_t i : p.returns) {
      p.runs[i] = std::max(p.runs[i] - change, 0.5 * p.runs[i]);
    }
  }
}

}  // namespace

Seconds MeasuredPoint::Value() const {
  const std::span<const Seconds> all(runs);
  std::vector<double> sample;
  for (const Seconds run : all.subspan(all.size() > 1 ? 1 : 0)) sample.push_back(run.count());
  return Seconds(Quantile(std::move(sample), kQuiet));
}

Result<ModelCosts> CostsOf(std::vector<MeasuredPoint> points, int slots) {
  ModelCosts costs;
  costs.shape_change = ShapeChange(points);
  TakeOff(costs.shape_change, points);
  const Points one = OfForm(points, false), spread = OfForm(points, true);
  if (one.empty()) return ResourceExhausted("no pass was measured in the time given");
  const ContextSlope of_one = SlopeOf(one), of_spread = SlopeOf(spread);
  // A slope over a few tokens only must not be drawn out over hundreds.
  const double slope_of_one = of_one.span > 0 ? of_one.seconds : of_spread.seconds;
  const double slope_of_spread =
      of_spread.span > 0.5 * of_one.span ? of_spread.seconds : of_one.seconds;
  std::set<double> contexts = ContextsOf(one);
  costs.tables.one = GridOf(one, contexts, slope_of_one);
  if (slots > 1 && !spread.empty()) {
    // Filling all slots takes long, so their contexts end early; those of one slot show how it
    // goes on.
    std::set<double> own = ContextsOf(spread);
    own.insert(contexts.upper_bound(2 * *own.rbegin()), contexts.end());
    costs.tables.spread = GridOf(spread, own, slope_of_spread);
    costs.tables.spread_sequences = slots;
  }
  costs.first_use = FirstUse(points);
  for (const MeasuredPoint& p : points) {
    if (!p.point.check || p.runs.empty()) continue;
    PassShape shape = p.point.shape;
    shape.mean_context = p.actual_context;
    costs.checks.push_back({.shape = shape, .seconds = p.Value()});
  }
  if (Status valid = Validate(costs.tables); !valid.ok()) {
    return Internal("the measured times make no profile: " + valid.error().message +
                    "; is the clock running?");
  }
  return costs;
}

}  // namespace turbospec
