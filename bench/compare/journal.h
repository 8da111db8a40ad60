// The measured cells of a comparison, one JSON line each, written as they are measured: a run that
// was killed goes on where it stopped. A line that was cut by the kill is dropped; a journal of
// another grid is refused. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"

namespace turbospec::compare {

struct CellKey {
  std::string model{};
  std::string server{};
  std::string load{};
  std::string mix{};
  int round = 0;

  auto operator<=>(const CellKey&) const = default;
};

struct Cell {
  CellKey key{};
  double tokens_per_second = 0;  // of the completed requests
  double seconds = 0;
  int completed = 0;
  int failed = 0;
  std::int64_t output_tokens = 0;
  double ttft_mean_ms = 0;
  double ttft_p99_ms = 0;
  double tpot_median_ms = 0;
  double tpot_p99_ms = 0;
  double client_cpu_share = 0;
  std::string error{};  // of a server that did not start, or of the first request that failed

  bool operator==(const Cell&) const = default;
};

class Journal {
 public:
  // Opens or begins the journal of that grid. kInvalidArgument: of another grid, or damaged
  // elsewhere than at its end; says what to do.
  static Result<Journal> Open(const std::filesystem::path& file, std::uint64_t grid);

  // Without an error, so that a rerun tries again what failed.
  bool Has(const CellKey& key) const;
  Status Add(const Cell& cell);

  // In the order of the journal; of a cell that was tried twice the last one.
  std::vector<Cell> Cells() const;
  // What was dropped at opening: 0 or 1 lines.
  int dropped_lines() const { return dropped_; }

 private:
  Journal() = default;

  std::ofstream out_;
  std::filesystem::path file_;
  std::map<CellKey, Cell> cells_;
  std::vector<CellKey> order_;
  int dropped_ = 0;
};

}  // namespace turbospec::compare
