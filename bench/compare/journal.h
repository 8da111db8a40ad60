// The measured cells of a comparison, one JSON line each, written as they are measured: a run that
// was killed goes on where it stopped. A line that was cut by the kill is dropped; a journal of
// another grid, or of other models under the same names, is refused. One thread; one program at a
// time writes.
#pragma once

#include <cstdint>
#include <filesystem>
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
  double client_cpu_share = 0;  // of one core, that the load client took
  double foreign_cores = 0;     // that other programs kept busy meanwhile
  // "" for a good cell; "start" or "warm_up": the server did not come that far; else the kind of
  // the first failure of a request ("connect", "timeout", "http_500", ...).
  std::string error{};
  std::string detail{};  // of the error: what the server or the system said

  bool operator==(const Cell&) const = default;
};

// Under what circumstances cells were measured: every start of the program notes it.
struct JournalRun {
  std::string date{};
  std::string machine{};
  std::string command{};
  std::map<std::string, std::string> versions{};  // by group of servers
  std::map<std::string, std::string> models{};    // by name: their files

  bool operator==(const JournalRun&) const = default;
};

class Journal {
 public:
  // Opens or begins the journal of that grid. kInvalidArgument: of another grid, or damaged
  // elsewhere than at its end; says what to do. kUnavailable: another program writes it.
  static Result<Journal> Open(const std::filesystem::path& file, std::uint64_t grid);
  // The same of one that is there, to read it only.
  static Result<Journal> Read(const std::filesystem::path& file, std::uint64_t grid);

  Journal(Journal&& other) noexcept;
  Journal& operator=(Journal&&) = delete;
  ~Journal();

  // What all cells added from now on share. kInvalidArgument when a model of that name was measured
  // with other files before.
  Status Begin(const JournalRun& run);

  // Without an error, so that a rerun tries again what failed.
  bool Has(const CellKey& key) const;
  Status Add(const Cell& cell);

  // In the order of the journal; of a cell that was tried twice the last one.
  std::vector<Cell> Cells() const;
  const std::vector<JournalRun>& runs() const { return runs_; }
  // What was dropped at opening: 0 or 1 lines.
  int dropped_lines() const { return dropped_; }

 private:
  explicit Journal(std::filesystem::path file) : file_(std::move(file)) {}

  // Takes what the text says; the length of its whole lines.
  Result<std::size_t> Parse(const std::string& text, std::uint64_t grid);
  Status ParseLine(const std::string& line);
  Status Append(const std::string& line);

  std::filesystem::path file_;
  int fd_ = -1;  // -1: to read only
  std::vector<JournalRun> runs_;
  std::map<CellKey, Cell> cells_;
  std::vector<CellKey> order_;
  int dropped_ = 0;
};

}  // namespace turbospec::compare
