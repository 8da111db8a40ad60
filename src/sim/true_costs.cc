#include "sim/true_costs.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace turbospec {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

// Measured: 1.1B parameters, Q8_0, AMX, two cores, context 64.
constexpr std::array<std::pair<int, double>, 6> kAmxMilliseconds = {
    {{1, 44}, {8, 79}, {16, 90}, {24, 131}, {32, 152}, {40, 278}}};

double GpuMilliseconds(int rows) {
  return 10 + 0.05 * std::max(0, rows - 160);
}

// 8 of 128 experts per token: n tokens touch 1 - (1 - 1/16)^n of them.
double MoeMilliseconds(int rows) {
  const double touched = 1 - std::pow(15.0 / 16.0, rows);
  return 4 + 30 * touched + 0.1 * std::max(0, rows - 192);
}

Result<PassCost> FromPoints(std::vector<std::pair<int, Seconds>> points) {
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool ascends = i == 0 ? points[i].first >= 1 : points[i].first > points[i - 1].first;
    if (!ascends) return InvalidArgument("cost points: rows must ascend from 1 or more");
    if (!(points[i].second.count() > 0) || !std::isfinite(points[i].second.count())) {
      return InvalidArgument("cost points: seconds must be positive");
    }
  }
  return PassCost([points = std::move(points)](int, int rows, double) {
    const auto above =
        std::ranges::lower_bound(points, rows, {}, [](const auto& p) { return p.first; });
    if (above == points.begin()) return above->second;
    if (above == points.end()) return points.back().second * rows / points.back().first;
    const auto below = above - 1;
    const double part = static_cast<double>(rows - below->first) / (above->first - below->first);
    return below->second + part * (above->second - below->second);
  });
}

template <class Function>
PassCost OfRows(Function milliseconds) {
  return
      [milliseconds](int, int rows, double) { return Seconds(Milliseconds(milliseconds(rows))); };
}

Result<PassCost> ByName(const std::string& name) {
  if (name == "amx") {
    std::vector<std::pair<int, Seconds>> points;
    for (const auto& [rows, ms] : kAmxMilliseconds) points.emplace_back(rows, Milliseconds(ms));
    return FromPoints(std::move(points));
  }
  if (name == "gpu") return OfRows(GpuMilliseconds);
  if (name == "linear") return OfRows([](int rows) { return 12 + 0.25 * rows; });
  if (name == "moe") return OfRows(MoeMilliseconds);
  if (name == "context") {
    return PassCost([](int, int rows, double mean_context) {
      return Seconds(Milliseconds(GpuMilliseconds(rows) + 0.0002 * rows * mean_context));
    });
  }
  std::string known;
  for (const std::string_view each : SurfaceNames()) known += " " + std::string(each);
  return InvalidArgument("there is no cost surface \"" + name + "\"; there are" + known);
}

}  // namespace

std::vector<std::string_view> SurfaceNames() {
  return {"amx", "gpu", "linear", "moe", "context"};
}

Result<PassCost> MakePassCost(const CostOptions& options) {
  if (!(options.scale > 0) || !std::isfinite(options.scale)) {
    return InvalidArgument("cost scale must be positive");
  }
  if (!(options.per_context_token.count() >= 0)) {
    return InvalidArgument("cost per context token must not be negative");
  }
  auto base = options.points.empty() ? ByName(options.surface) : FromPoints(options.points);
  if (!base.ok()) return base.error();
  return PassCost([base = *std::move(base), scale = options.scale,
                   per_token = options.per_context_token](int sequences, int rows, double context) {
    return scale * (base(sequences, rows, context) + per_token * (rows * context));
  });
}

Seconds CostOfForward(const PassCost& cost, const std::vector<Pass>& passes, double mean_context) {
  Seconds sum{0};
  for (const Pass& pass : passes) sum += cost(pass.sequences, pass.rows, mean_context);
  return sum;
}

PassCost WithWrongSlope(PassCost truth, double slope) {
  return [truth = std::move(truth), slope](int sequences, int rows, double context) {
    const Seconds one = truth(1, 1, context);
    return one + slope * (truth(sequences, rows, context) - one);
  };
}

}  // namespace turbospec
