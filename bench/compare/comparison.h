// Goes through a grid: one server alive at a time, every cell once a round. The servers of a point
// (model, load, mix) are measured right behind one another, in another order in every round, so
// that drift of the machine hits all alike. What the journal has is not measured again. Blocking,
// on the caller's thread; a run takes minutes to hours.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bench/bench_prompt.h"
#include "bench/compare/grid.h"
#include "bench/compare/journal.h"
#include "bench/compare/server_process.h"
#include "core/result.h"

namespace turbospec::compare {

struct ComparisonOptions {
  std::filesystem::path logs{};     // folder for the servers' output
  int rounds = 0;                   // of every model; 0 = as the grid says
  std::vector<std::string> only{};  // regular expressions; a cell "model/server/load/mix" must
                                    // match one of them; empty = all
};

struct ComparisonProgress {
  std::size_t done = 0;  // cells, those of the journal included
  std::size_t all = 0;
  Seconds left{0};  // estimated; 0 = not known yet
  Cell last{};      // the one that was just measured
};

class Comparison {
 public:
  // `stopped` is asked often; true ends the run as soon as possible, without the cell under way.
  Comparison(const Grid& grid, BenchPrompts prompts, ComparisonOptions options,
             std::function<bool()> stopped,
             std::function<void(const ComparisonProgress&)> on_progress);

  // kCancelled after `stopped`; kInvalidArgument for a bad expression or command. Servers that
  // fail are cells with an error, not errors.
  Status Run(Journal& journal);

  // The models that Run() needs, as a journal notes them: by name, their files. kInvalidArgument
  // for a bad expression, kNotFound for a model whose files are not there.
  Result<std::map<std::string, std::string>> Models() const;

 private:
  // A start of a server, for one cell.
  struct Visit {
    const GridModel* model = nullptr;
    const GridServer* server = nullptr;
    int slots = 0;
    CellKey key{};
  };

  int Rounds(const GridModel& model) const;
  void MakeVisits(const Journal& journal);
  void AddVisits(const GridModel& model, const GridLoad& load, const GridMix& mix, int round,
                 const Journal& journal);
  Result<Cell> Measure(const Visit& visit);
  Status WarmUp(const Mix& mix, int requests, int tokens, int port) const;
  Result<Cell> MeasureCell(const CellKey& key, int port, pid_t server);
  Status Record(const Cell& cell, Journal& journal);
  bool IsWanted(const CellKey& key) const;
  bool IsWanted(const GridModel& model) const;
  Seconds EstimateLeft() const;

  const Grid& grid_;
  const BenchPrompts prompts_;
  const ComparisonOptions options_;
  const std::function<bool()> stopped_;
  const std::function<void(const ComparisonProgress&)> on_progress_;
  // What the cells of a model took in this run, with their part of the servers' starts.
  struct Pace {
    std::size_t left = 0;
    std::size_t measured = 0;
    Seconds spent{0};
  };

  std::vector<Visit> visits_;
  ComparisonProgress progress_;
  std::map<std::string, Pace> paces_;
  Seconds last_recorded_{0};
};

}  // namespace turbospec::compare
