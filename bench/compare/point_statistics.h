// From cells to figures: per point (model, load, mix) what each server reached over the rounds, its
// ratio to no speculation and to the best hand-tuned choice at that point. Ratios are paired within
// a round, so that drift of the machine cancels. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/compare/grid.h"
#include "bench/compare/journal.h"

namespace turbospec::compare {

// A median with what it varied: 95 % bootstrap interval over the rounds. Fewer than three rounds
// allow none: low and high are then the smallest and largest, and `has_interval` is false.
struct Estimate {
  double median = 0;
  double low = 0;
  double high = 0;
  bool has_interval = false;
};

// Example: {2, 4, 9} -> median 4; each resample's median is 2, 4 or 9.
Estimate BootstrapMedian(const std::vector<double>& sample, std::uint64_t seed);

struct ServerAtPoint {
  std::string server{};
  int rounds = 0;  // measured without error
  Estimate tokens_per_second{};
  double slowest = 0;  // round
  double fastest = 0;
  std::optional<Estimate> to_off{};           // ratio; none without a common round
  std::optional<Estimate> to_envelope{};      // ratio
  std::optional<Estimate> to_own_baseline{};  // ratio; none where the grid names none
  double ttft_mean_ms = 0;                    // medians over the rounds
  double tpot_median_ms = 0;
  double ttft_p99_ms = 0;
  double tpot_p99_ms = 0;
  int failed_rounds = 0;
  std::string error{};  // kind of the last failure; "" = none
};

struct Point {
  std::string model{};
  std::string load{};
  std::string mix{};
  std::string best_static{};             // the hand-tuned server of the largest median; "" = none
  std::vector<ServerAtPoint> servers{};  // in the order of the grid

  const ServerAtPoint* Find(const std::string& server) const;
};

// In the order of the grid; points without cells are left out.
std::vector<Point> MakePoints(const Grid& grid, const std::vector<Cell>& cells);

// How one server did over all points of a model: geometric mean and minimum of its ratios.
struct Overall {
  std::string server{};
  int points = 0;
  double mean_to_off = 0;
  double least_to_off = 0;
  double mean_to_envelope = 0;
  double least_to_envelope = 0;
};

// Best first, by mean_to_envelope. Servers with fewer points come after those with more: their
// means are of other points.
std::vector<Overall> OverallOf(const std::vector<Point>& points, const std::string& model);

// The one hand-tuned choice that somebody would keep for all loads and mixes: of those that were
// measured at every point of the model, the one of the largest geometric mean of ratios to no
// speculation. None when no choice was measured everywhere.
std::optional<Overall> BestSingleStatic(const Grid& grid, const std::vector<Point>& points,
                                        const std::string& model);

}  // namespace turbospec::compare
