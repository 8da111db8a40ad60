#include "bench/compare/point_statistics.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/random.h"
#include "core/statistics.h"

namespace turbospec::compare {
namespace {

using ByRound = std::map<int, const Cell*>;

std::vector<double> Values(const ByRound& cells, const std::function<double(const Cell&)>& value) {
  std::vector<double> values;
  for (const auto& [round, cell] : cells) values.push_back(value(*cell));
  return values;
}

double Speed(const Cell& cell) {
  return cell.tokens_per_second;
}

// Ratios of the rounds that both have.
std::vector<double> PairedRatios(const ByRound& cells, const ByRound& reference) {
  std::vector<double> ratios;
  for (const auto& [round, cell] : cells) {
    const auto other = reference.find(round);
    if (other == reference.end() || other->second->tokens_per_second <= 0) continue;
    ratios.push_back(cell->tokens_per_second / other->second->tokens_per_second);
  }
  return ratios;
}

std::optional<Estimate> Ratio(const ByRound& cells, const ByRound* reference, std::uint64_t seed) {
  if (reference == nullptr) return std::nullopt;
  const std::vector<double> ratios = PairedRatios(cells, *reference);
  if (ratios.empty()) return std::nullopt;
  return BootstrapMedian(ratios, seed);
}

ServerAtPoint Describe(const std::string& name, const ByRound& cells, std::uint64_t seed) {
  ServerAtPoint figures{.server = name, .rounds = static_cast<int>(cells.size())};
  if (cells.empty()) return figures;
  const std::vector<double> speeds = Values(cells, Speed);
  figures.tokens_per_second = BootstrapMedian(speeds, seed);
  figures.slowest = std::ranges::min(speeds);
  figures.fastest = std::ranges::max(speeds);
  figures.ttft_mean_ms = Median(Values(cells, [](const Cell& c) { return c.ttft_mean_ms; }));
  figures.tpot_median_ms = Median(Values(cells, [](const Cell& c) { return c.tpot_median_ms; }));
  figures.ttft_p99_ms = Median(Values(cells, [](const Cell& c) { return c.ttft_p99_ms; }));
  figures.tpot_p99_ms = Median(Values(cells, [](const Cell& c) { return c.tpot_p99_ms; }));
  return figures;
}

// The good cells of one point, and what failed there.
struct PointCells {
  std::map<std::string, ByRound> good{};
  std::map<std::string, std::vector<const Cell*>> failed{};

  const ByRound* Of(const std::string& server) const {
    const auto found = good.find(server);
    return found == good.end() ? nullptr : &found->second;
  }
};

PointCells CellsAt(const CellKey& where, const std::vector<Cell>& cells) {
  PointCells at;
  for (const Cell& cell : cells) {
    if (cell.key.model != where.model || cell.key.load != where.load || cell.key.mix != where.mix) {
      continue;
    }
    if (cell.error.empty()) {
      at.good[cell.key.server][cell.key.round] = &cell;
    } else {
      at.failed[cell.key.server].push_back(&cell);
    }
  }
  return at;
}

// The hand-tuned server, or the baseline, with the largest median; "" = none.
std::string BestStatic(const Grid& grid, const PointCells& at) {
  std::string best;
  double best_median = 0;
  for (const GridServer& server : grid.servers) {
    const ByRound* rounds = at.Of(server.name);
    if (rounds == nullptr || !(server.hand_tuned || server.baseline)) continue;
    const double median = Median(Values(*rounds, Speed));
    if (median <= best_median) continue;
    best_median = median;
    best = server.name;
  }
  return best;
}

Point MakePoint(const Grid& grid, const CellKey& where, const std::vector<Cell>& cells) {
  const PointCells at = CellsAt(where, cells);
  Point point{.model = where.model,
              .load = where.load,
              .mix = where.mix,
              .best_static = BestStatic(grid, at)};
  const auto baseline = std::ranges::find(grid.servers, true, &GridServer::baseline);
  const ByRound* off = baseline == grid.servers.end() ? nullptr : at.Of(baseline->name);
  for (const GridServer& server : grid.servers) {
    const ByRound* rounds = at.Of(server.name);
    const auto failed = at.failed.find(server.name);
    if (rounds == nullptr && failed == at.failed.end()) continue;
    ServerAtPoint figures =
        Describe(server.name, rounds == nullptr ? ByRound{} : *rounds, grid.seed);
    if (failed != at.failed.end()) {
      figures.failed_rounds = static_cast<int>(failed->second.size());
      figures.error = failed->second.back()->error;
    }
    if (rounds != nullptr) {
      figures.to_off = Ratio(*rounds, off, grid.seed);
      figures.to_envelope = Ratio(*rounds, at.Of(point.best_static), grid.seed);
      figures.to_own_baseline = Ratio(*rounds, at.Of(server.own_baseline), grid.seed);
    }
    point.servers.push_back(std::move(figures));
  }
  return point;
}

}  // namespace

Estimate BootstrapMedian(const std::vector<double>& sample, std::uint64_t seed) {
  Estimate estimate{.median = Median(sample)};
  if (sample.size() < 3) {
    if (sample.empty()) return estimate;
    estimate.low = std::ranges::min(sample);
    estimate.high = std::ranges::max(sample);
    return estimate;
  }
  constexpr int kResamples = 2000;
  RandomStream random(seed);
  std::vector<double> medians;
  std::vector<double> drawn(sample.size());
  for (int i = 0; i < kResamples; ++i) {
    for (double& value : drawn) {
      value =
          sample[static_cast<std::size_t>(random.Uniform() * static_cast<double>(sample.size()))];
    }
    medians.push_back(Median(drawn));
  }
  estimate.has_interval = true;
  estimate.low = Quantile(medians, 0.025);
  estimate.high = Quantile(std::move(medians), 0.975);
  return estimate;
}

const ServerAtPoint* Point::Find(const std::string& server) const {
  const auto found = std::ranges::find(servers, server, &ServerAtPoint::server);
  return found == servers.end() ? nullptr : &*found;
}

std::vector<Point> MakePoints(const Grid& grid, const std::vector<Cell>& cells) {
  std::vector<Point> points;
  for (const GridModel& model : grid.models) {
    const auto add = [&](const GridLoad& load, const std::string& mix) {
      Point point = MakePoint(grid, {.model = model.name, .load = load.name, .mix = mix}, cells);
      if (!point.servers.empty()) points.push_back(std::move(point));
    };
    for (const GridMix& mix : grid.mixes) {
      for (const GridLoad& load : grid.loads) {
        if (!load.own_mix) add(load, mix.name);
      }
    }
    for (const GridLoad& load : grid.loads) {
      if (load.own_mix) add(load, kOwnMix);
    }
  }
  return points;
}

std::vector<Overall> OverallOf(const std::vector<Point>& points, const std::string& model) {
  struct Sum {
    int points = 0;
    double log_off = 0, log_envelope = 0;
    double least_off = 1e300, least_envelope = 1e300;
  };
  std::map<std::string, Sum> sums;
  for (const Point& point : points) {
    if (point.model != model) continue;
    for (const ServerAtPoint& server : point.servers) {
      if (!server.to_off || !server.to_envelope || server.to_off->median <= 0) continue;
      Sum& sum = sums[server.server];
      ++sum.points;
      sum.log_off += std::log(server.to_off->median);
      sum.log_envelope += std::log(server.to_envelope->median);
      sum.least_off = std::min(sum.least_off, server.to_off->median);
      sum.least_envelope = std::min(sum.least_envelope, server.to_envelope->median);
    }
  }
  std::vector<Overall> overall;
  overall.reserve(sums.size());
  for (const auto& [server, sum] : sums) {
    overall.push_back({.server = server,
                       .points = sum.points,
                       .mean_to_off = std::exp(sum.log_off / sum.points),
                       .least_to_off = sum.least_off,
                       .mean_to_envelope = std::exp(sum.log_envelope / sum.points),
                       .least_to_envelope = sum.least_envelope});
  }
  std::ranges::stable_sort(overall, std::ranges::greater{}, [](const Overall& server) {
    return std::pair(server.points, server.mean_to_envelope);
  });
  return overall;
}

std::optional<Overall> BestSingleStatic(const Grid& grid, const std::vector<Point>& points,
                                        const std::string& model) {
  const auto everywhere = std::ranges::count(points, model, &Point::model);
  std::optional<Overall> best;
  for (const Overall& server : OverallOf(points, model)) {
    const auto named = std::ranges::find(grid.servers, server.server, &GridServer::name);
    if (named == grid.servers.end() || !(named->hand_tuned || named->baseline)) continue;
    if (server.points != everywhere) continue;
    if (!best || server.mean_to_off > best->mean_to_off) best = server;
  }
  return best;
}

}  // namespace turbospec::compare
