#include "compare/point_statistics.h"

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
  figures.tpot_p99_ms = Median(Values(cells, [](const Cell& c) { return c.tpot_p99_ms; }));
  return figures;
}

Point MakePoint(const Grid& grid, const CellKey& where, const std::vector<Cell>& cells) {
  Point point{.model = where.model, .load = where.load, .mix = where.mix};
  std::map<std::string, ByRound> by_server;
  std::map<std::string, std::string> errors;
  for (const Cell& cell : cells) {
    if (cell.key.model != where.model || cell.key.load != where.load || cell.key.mix != where.mix) {
      continue;
    }
    if (cell.error.empty()) {
      by_server[cell.key.server][cell.key.round] = &cell;
    } else {
      errors[cell.key.server] = cell.error;
    }
  }
  const ByRound* off = nullptr;
  const ByRound* envelope = nullptr;
  double best = 0;
  for (const GridServer& server : grid.servers) {
    const auto found = by_server.find(server.name);
    if (found == by_server.end()) continue;
    if (server.baseline) off = &found->second;
    if (!server.hand_tuned && !server.baseline) continue;
    const double median = Median(Values(found->second, Speed));
    if (median <= best) continue;
    best = median;
    envelope = &found->second;
    point.best_static = server.name;
  }
  for (const GridServer& server : grid.servers) {
    const bool measured = by_server.contains(server.name);
    if (!measured && !errors.contains(server.name)) continue;
    const ByRound& rounds = by_server[server.name];
    ServerAtPoint figures = Describe(server.name, rounds, grid.seed);
    figures.error = errors[server.name];
    if (measured) {
      figures.to_off = Ratio(rounds, off, grid.seed);
      figures.to_envelope = Ratio(rounds, envelope, grid.seed);
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
    for (const GridMix& mix : grid.mixes) {
      for (const GridLoad& load : grid.loads) {
        Point point =
            MakePoint(grid, {.model = model.name, .load = load.name, .mix = mix.name}, cells);
        if (!point.servers.empty()) points.push_back(std::move(point));
      }
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
  for (const auto& [server, sum] : sums) {
    overall.push_back({.server = server,
                       .points = sum.points,
                       .mean_to_off = std::exp(sum.log_off / sum.points),
                       .least_to_off = sum.least_off,
                       .mean_to_envelope = std::exp(sum.log_envelope / sum.points),
                       .least_to_envelope = sum.least_envelope});
  }
  std::ranges::stable_sort(overall, std::ranges::greater{}, &Overall::mean_to_envelope);
  return overall;
}

}  // namespace turbospec::compare
