// What a comparison measures: servers x models x loads x mixes of requests, in rounds. Read from a
// JSON file (docs/compare.md); strict, so that a misspelt field does not become a default.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "workload/arrival_plan.h"
#include "workload/mix.h"
#include "workload/workload.h"

namespace turbospec::compare {

struct GridModel {
  std::string name{};
  std::string target{};
  std::string draft{};
  std::string needs{};          // the environment variable that they name and that is not set
  int context = 512;            // tokens per request
  int rounds = 3;               // how often the whole grid is gone through
  int requests_per_client = 3;  // of a cell with clients
  int least_requests = 3;
  int max_tokens = 96;  // of an answer; the end of text is ignored, so that all do the same work
  double length_spread = 0;  // answers are even over max_tokens x (1 +- spread), by prompt
  int warm_up_tokens = 8;    // of the request that every client sends before a cell is measured
  std::string note{};        // for the report
};

struct GridServer {
  std::string name{};
  std::string group{};                 // "turbospec", "llama-server"
  std::vector<std::string> command{};  // {target} {draft} {slots} {context} {total_context}
                                       // {threads} {port} are filled in
  bool baseline = false;               // exactly one: no speculation; ratios are to it
  std::string own_baseline{};          // a server to which it has a further ratio; "" = none
  bool hand_tuned = false;             // a fixed choice that somebody could make: "static"
};

// How a group of servers says which version it is.
struct GridVersion {
  std::string group{};
  std::vector<std::string> command{};
};

struct GridLoad {
  std::string name{};
  ArrivalPlan arrivals{};
  int slots = 1;         // of the server
  int clients = 0;       // of a closed loop with a fixed number of requests; 0 = by time
  Seconds seconds{0};    // how long a load by time lasts
  bool own_mix = false;  // every phase names one: it is measured once, not with every mix
};

// What a load of its own mix has in the place of a mix's name.
inline constexpr const char* kOwnMix = "own mix";

struct GridMix {
  std::string name{};
  Mix mix{};
};

struct Grid {
  std::string name{};
  int threads = 2;
  std::uint64_t seed = 1;
  Seconds start_limit{120};    // of a server, until it answers
  Seconds request_limit{600};  // of one request
  bool most_slots = false;     // every server has the slots of the largest load
  Split split = Split::kHeldOut;
  std::filesystem::path workloads{};
  std::vector<GridModel> models{};
  std::vector<GridServer> servers{};
  std::vector<GridVersion> versions{};
  std::vector<GridLoad> loads{};
  std::vector<GridMix> mixes{};
  std::uint64_t fingerprint = 0;  // of the file's text
};

// The slots that a server has under that load, and the mixes with which the load is measured.
int SlotsFor(const Grid& grid, const GridLoad& load);
std::vector<GridMix> MixesFor(const Grid& grid, const GridLoad& load);

// `variable` looks a ${NAME} up (the environment); empty = not set: a model that needs it cannot be
// measured, a command that needs it is refused. `source` names the file in errors.
using VariableFn = std::string (*)(const std::string& name);
Result<Grid> ReadGrid(std::string_view text, std::string_view source, VariableFn variable);
Result<Grid> LoadGrid(const std::filesystem::path& file);

// The command with everything filled in. kInvalidArgument names an unknown placeholder.
Result<std::vector<std::string>> FillCommand(const Grid& grid, const GridServer& server,
                                             const GridModel& model, int slots, int port);

}  // namespace turbospec::compare
