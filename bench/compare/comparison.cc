#include "compare/comparison.h"

#include <algorithm>
#include <regex>
#include <set>
#include <utility>

#include "bench/bench_report.h"
#include "bench/workload_source.h"
#include "core/random.h"

namespace turbospec::compare {
namespace {

constexpr int kWarmUpTokens = 16;

template <class T>
const T& Named(const std::vector<T>& entries, const std::string& name) {
  return *std::ranges::find(entries, name, &T::name);
}

// Fisher and Yates, by draws that depend on (seed, what) alone.
template <class T>
void Shuffle(std::vector<T>& entries, std::uint64_t seed, std::uint64_t what) {
  RandomStream random(MixBits(seed) ^ what);
  for (std::size_t i = entries.size(); i > 1; --i) {
    std::swap(entries[i - 1],
              entries[static_cast<std::size_t>(random.Uniform() * static_cast<double>(i))]);
  }
}

ServerUrl Loopback(int port) {
  return {.host = "127.0.0.1", .port = std::to_string(port), .prefix = ""};
}

nlohmann::json FixedWork(int max_tokens) {
  return {{"max_tokens", max_tokens}, {"temperature", 0}, {"ignore_eos", true}};
}

Cell MakeCell(const CellKey& key, LoadRun run) {
  Cell cell{.key = key};
  cell.client_cpu_share = CpuShare(run);
  const BenchSummary summary = Summarise(run.records, run.elapsed, {});
  cell.tokens_per_second = summary.output_throughput;
  cell.seconds = summary.duration.count();
  cell.completed = summary.completed;
  cell.failed = summary.failed;
  cell.output_tokens = summary.total_output_tokens;
  cell.ttft_mean_ms = summary.ttft.mean_ms;
  cell.ttft_p99_ms = summary.ttft.p99_ms;
  cell.tpot_median_ms = summary.tpot.median_ms;
  cell.tpot_p99_ms = summary.tpot.p99_ms;
  if (summary.failed > 0) {
    cell.error = summary.error_samples.empty() ? "requests failed"
                                               : summary.error_samples.begin()->first + ": " +
                                                     summary.error_samples.begin()->second;
  } else if (summary.completed == 0) {
    cell.error = "no request was completed";
  }
  return cell;
}

}  // namespace

Comparison::Comparison(const Grid& grid, BenchPrompts prompts, ComparisonOptions options,
                       std::function<bool()> stopped,
                       std::function<void(const ComparisonProgress&)> on_progress)
    : grid_(grid),
      prompts_(std::move(prompts)),
      options_(std::move(options)),
      stopped_(std::move(stopped)),
      on_progress_(std::move(on_progress)) {}

bool Comparison::IsWanted(const CellKey& key) const {
  if (options_.only.empty()) return true;
  const std::string name = key.model + "/" + key.server + "/" + key.load + "/" + key.mix;
  return std::ranges::any_of(options_.only, [&](const std::string& expression) {
    return std::regex_search(name, std::regex(expression));
  });
}

// --- the order
// -------------------------------------------------------------------------------------

Status Comparison::MakeVisits(const Journal& journal) {
  for (const std::string& expression : options_.only) {
    try {
      static_cast<void>(std::regex(expression));
    } catch (const std::regex_error& error) {
      return InvalidArgument("\"" + expression + "\" is no regular expression: " + error.what());
    }
  }
  std::set<int> slots;
  for (const GridLoad& load : grid_.loads) slots.insert(load.slots);
  int rounds = options_.rounds;
  for (const GridModel& model : grid_.models) rounds = std::max(rounds, model.rounds);
  for (int round = 0; round < rounds; ++round) {
    for (const GridModel& model : grid_.models) {
      if (round >= (options_.rounds > 0 ? options_.rounds : model.rounds)) continue;
      for (const int count : slots) AddVisits(model, count, round, journal);
    }
  }
  return Ok();
}

void Comparison::AddVisits(const GridModel& model, int slots, int round, const Journal& journal) {
  std::vector<Visit> visits;
  for (const GridServer& server : grid_.servers) {
    Visit visit{.model = &model, .server = &server, .slots = slots};
    for (const GridLoad& load : grid_.loads) {
      if (load.slots != slots) continue;
      for (const GridMix& mix : grid_.mixes) {
        CellKey key{model.name, server.name, load.name, mix.name, round};
        if (!IsWanted(key)) continue;
        ++progress_.all;
        if (journal.Has(key)) {
          ++progress_.done;
        } else {
          visit.cells.push_back(std::move(key));
        }
      }
    }
    if (!visit.cells.empty()) visits.push_back(std::move(visit));
  }
  const auto what = static_cast<std::uint64_t>(round) * 1000 + static_cast<std::uint64_t>(slots);
  Shuffle(visits, grid_.seed, what);
  std::ranges::move(visits, std::back_inserter(visits_));
}

// --- the measurement
// -------------------------------------------------------------------------------

Status Comparison::Run(Journal& journal) {
  if (Status made = MakeVisits(journal); !made.ok()) return made;
  began_ = SteadyClock().Now();
  for (const Visit& visit : visits_) {
    if (Status measured = Measure(visit, journal); !measured.ok()) return measured;
  }
  return Ok();
}

Status Comparison::Measure(const Visit& visit, Journal& journal) {
  const auto port = FreePort();
  if (!port.ok()) return port.error();
  const auto command = FillCommand(grid_, *visit.server, *visit.model, visit.slots, *port);
  if (!command.ok()) return command.error();
  std::string log = visit.model->name + "." + visit.server->name + ".log";
  std::ranges::replace_if(
      log, [](char c) { return c == '/' || c == ' ' || c == ':'; }, '-');
  auto process =
      ServerProcess::Start(*command, *port, options_.logs / log, grid_.start_limit, stopped_);
  if (stopped_()) return Cancelled("interrupted");
  std::string failure = process.ok() ? "" : process.error().message;
  if (process.ok()) {
    const Status warmed = WarmUp(visit, *port);
    if (!warmed.ok()) failure = warmed.error().message;
  }
  for (const CellKey& key : visit.cells) {
    Cell cell{.key = key, .error = failure};
    if (failure.empty()) {
      auto measured = MeasureCell(key, *port);
      if (!measured.ok()) return measured.error();
      cell = *std::move(measured);
    }
    if (Status recorded = Record(cell, journal); !recorded.ok()) return recorded;
  }
  return Ok();
}

// A short request for every slot, of the part of the workload that is not measured.
Status Comparison::WarmUp(const Visit& visit, int port) {
  WorkloadSourceOptions options;
  options.arrivals.phases.push_back({.load = ClosedLoop{visit.slots}, .mix = {}});
  options.mix = grid_.mixes.front().mix;
  options.split = grid_.split == Split::kHeldOut ? Split::kTune : Split::kHeldOut;
  options.fields.overrides = FixedWork(kWarmUpTokens);
  auto source = WorkloadSource::Create(prompts_, std::move(options));
  if (!source.ok()) return source.error();
  LoadOptions load;
  load.server = Loopback(port);
  load.requests = visit.slots;
  auto run = RunLoad(load, *source, SteadyClock(), [&](const auto&) { return !stopped_(); });
  if (!run.ok()) return run.error();
  if (run->stopped) return Cancelled("interrupted");
  const Cell cell = MakeCell({}, *std::move(run));
  return cell.error.empty() ? Ok() : Status(Unavailable("while warming up: " + cell.error));
}

Result<Cell> Comparison::MeasureCell(const CellKey& key, int port) {
  const GridModel& model = Named(grid_.models, key.model);
  const GridLoad& load = Named(grid_.loads, key.load);
  WorkloadSourceOptions options;
  options.arrivals = load.arrivals;
  options.mix = Named(grid_.mixes, key.mix).mix;
  options.split = grid_.split;
  // Every server and every round gets the same requests in the same order.
  options.seed = grid_.seed;
  options.fields.overrides = FixedWork(model.max_tokens);
  auto source = WorkloadSource::Create(prompts_, std::move(options));
  if (!source.ok()) return source.error();
  LoadOptions how;
  how.server = Loopback(port);
  how.duration = load.seconds;
  if (load.clients > 0) {
    how.requests = std::max(model.least_requests, model.requests_per_client * load.clients);
  }
  auto run = RunLoad(how, *source, SteadyClock(), [&](const auto&) { return !stopped_(); });
  if (!run.ok()) return run.error();
  if (run->stopped) return Cancelled("interrupted");
  return MakeCell(key, *std::move(run));
}

Status Comparison::Record(const Cell& cell, Journal& journal) {
  if (Status added = journal.Add(cell); !added.ok()) return added;
  ++progress_.done;
  ++measured_;
  progress_.last = cell;
  const Seconds each = (SteadyClock().Now() - began_) / static_cast<double>(measured_);
  progress_.left = each * static_cast<double>(progress_.all - progress_.done);
  on_progress_(progress_);
  return Ok();
}

}  // namespace turbospec::compare
