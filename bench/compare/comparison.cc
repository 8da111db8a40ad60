#include "bench/compare/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <regex>
#include <span>
#include <utility>

#include "bench/bench_report.h"
#include "bench/compare/machine_use.h"
#include "bench/workload_source.h"
#include "core/random.h"

namespace turbospec::compare {
namespace {

// Of every slot after a server's start.
constexpr int kStartTokens = 16;

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

// Every answer goes on to its limit, so that all servers do the same work.
nlohmann::json FixedWork() {
  return {{"temperature", 0}, {"ignore_eos", true}};
}

// A limit for each prompt, even over mean x (1 +- spread), the same for every server. Answers that
// are all alike keep requests in step, which no real load does.
BenchPrompts WithLengths(BenchPrompts prompts, int mean, double spread) {
  for (std::size_t i = 0; i < prompts.bodies.size(); ++i) {
    const double u = 2 * UniformAt(prompts.bodies.size(), i) - 1;
    prompts.bodies[i]["max_tokens"] =
        std::max(1, static_cast<int>(std::lround(mean * (1 + spread * u))));
  }
  return prompts;
}

std::int64_t AskedTokens(std::span<const RequestRecord> records) {
  std::int64_t asked = 0;
  for (const RequestRecord& record : records) {
    if (record.outcome == Outcome::kCompleted) asked += record.asked_tokens;
  }
  return asked;
}

// What went wrong most often, if anything did; a server that did other work than was asked for did
// not go wrong, but its figures cannot stand beside the others.
void NoteErrors(const BenchSummary& summary, std::int64_t asked, Cell& cell) {
  if (!summary.errors.empty()) {
    const auto most = std::ranges::max_element(
        summary.errors, {}, [](const auto& kind_and_count) { return kind_and_count.second; });
    cell.error = most->first;
    const auto sample = summary.error_samples.find(most->first);
    if (sample != summary.error_samples.end()) cell.detail = sample->second;
  } else if (summary.completed == 0) {
    cell.error = "nothing_completed";
  } else if (summary.total_output_tokens != asked) {
    cell.error = "other_work";
    cell.detail = "answered " + std::to_string(summary.total_output_tokens) + " tokens where " +
                  std::to_string(asked) + " were asked for";
  }
}

Cell MakeCell(const CellKey& key, const LoadRun& run) {
  const BenchSummary summary = Summarise(run.records, run.elapsed, {});
  Cell cell{.key = key};
  cell.client_cpu_share = CpuShare(run);
  cell.tokens_per_second = summary.output_throughput;
  cell.seconds = summary.duration.count();
  cell.completed = summary.completed;
  cell.failed = summary.failed;
  cell.output_tokens = summary.total_output_tokens;
  cell.ttft_mean_ms = summary.ttft.mean_ms;
  cell.ttft_p99_ms = summary.ttft.p99_ms;
  cell.tpot_median_ms = summary.tpot.median_ms;
  cell.tpot_p99_ms = summary.tpot.p99_ms;
  NoteErrors(summary, AskedTokens(run.records), cell);
  return cell;
}

Mix MixOf(const Grid& grid, const CellKey& key) {
  const GridLoad& load = Named(grid.loads, key.load);
  return load.own_mix ? load.arrivals.phases.front().mix : Named(grid.mixes, key.mix).mix;
}

// One log for every start of a server.
std::string LogName(const CellKey& key) {
  std::string name =
      fmt::format("{}.{}.{}.{}.{}.log", key.model, key.server, key.load, key.mix, key.round + 1);
  std::ranges::replace_if(
      name, [](char c) { return c == '/' || c == ' ' || c == ':'; }, '-');
  return name;
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

// --- what, and in which order

bool Comparison::IsWanted(const CellKey& key) const {
  if (options_.only.empty()) return true;
  const std::string name = key.model + "/" + key.server + "/" + key.load + "/" + key.mix;
  return std::ranges::any_of(options_.only, [&](const std::string& expression) {
    return std::regex_search(name, std::regex(expression));
  });
}

bool Comparison::IsWanted(const GridModel& model) const {
  for (const GridServer& server : grid_.servers) {
    for (const GridLoad& load : grid_.loads) {
      for (const GridMix& mix : MixesFor(grid_, load)) {
        if (IsWanted(CellKey{model.name, server.name, load.name, mix.name, 0})) return true;
      }
    }
  }
  return false;
}

Result<std::map<std::string, std::string>> Comparison::Models() const {
  for (const std::string& expression : options_.only) {
    try {
      static_cast<void>(std::regex(expression));
    } catch (const std::regex_error& error) {
      return InvalidArgument("\"" + expression + "\" is no regular expression: " + error.what());
    }
  }
  std::map<std::string, std::string> models;
  for (const GridModel& model : grid_.models) {
    if (!IsWanted(model)) continue;
    if (!model.needs.empty()) {
      return NotFound(fmt::format(
          "the model \"{}\" needs the environment variable {}; or choose others by --only",
          model.name, model.needs));
    }
    for (const std::string& file : {model.target, model.draft}) {
      std::error_code ignored;
      if (std::filesystem::exists(file, ignored)) continue;
      return NotFound(fmt::format(
          "the model \"{}\": there is no file \"{}\"; relative paths begin at the folder that the "
          "program is run in",
          model.name, file));
    }
    models[model.name] = fmt::format("{} + {}", model.target, model.draft);
  }
  if (models.empty()) return InvalidArgument("--only matches no cell \"model/server/load/mix\"");
  return models;
}

int Comparison::Rounds(const GridModel& model) const {
  return options_.rounds > 0 ? options_.rounds : model.rounds;
}

void Comparison::MakeVisits(const Journal& journal) {
  int rounds = 0;
  for (const GridModel& model : grid_.models) rounds = std::max(rounds, Rounds(model));
  for (int round = 0; round < rounds; ++round) {
    for (const GridModel& model : grid_.models) {
      if (round >= Rounds(model)) continue;
      for (const GridLoad& load : grid_.loads) {
        for (const GridMix& mix : MixesFor(grid_, load)) {
          AddVisits(model, load, mix, round, journal);
        }
      }
    }
  }
}

void Comparison::AddVisits(const GridModel& model, const GridLoad& load, const GridMix& mix,
                           int round, const Journal& journal) {
  std::vector<Visit> visits;
  for (const GridServer& server : grid_.servers) {
    CellKey key{model.name, server.name, load.name, mix.name, round};
    if (!IsWanted(key)) continue;
    ++progress_.all;
    if (journal.Has(key)) {
      ++progress_.done;
    } else {
      ++paces_[model.name].left;
      visits.push_back({&model, &server, SlotsFor(grid_, load), std::move(key)});
    }
  }
  Shuffle(visits, grid_.seed, progress_.all);
  std::ranges::move(visits, std::back_inserter(visits_));
}

// --- the measurement

Status Comparison::Run(Journal& journal) {
  if (const auto models = Models(); !models.ok()) return models.error();
  MakeVisits(journal);
  last_recorded_ = SteadyClock().Now();
  for (const Visit& visit : visits_) {
    const auto cell = Measure(visit);
    if (!cell.ok()) return cell.error();
    if (Status recorded = Record(*cell, journal); !recorded.ok()) return recorded;
  }
  return Ok();
}

Result<Cell> Comparison::Measure(const Visit& visit) {
  const auto port = FreePort();
  if (!port.ok()) return port.error();
  const auto command = FillCommand(grid_, *visit.server, *visit.model, visit.slots, *port);
  if (!command.ok()) return command.error();
  const auto log = options_.logs / LogName(visit.key);
  const auto process = ServerProcess::Start(*command, *port, log, grid_.start_limit, stopped_);
  const auto failed = [&](const char* kind, const Error& error) -> Result<Cell> {
    if (stopped_()) return Cancelled("interrupted");
    return Cell{.key = visit.key, .error = kind, .detail = error.message};
  };
  if (!process.ok()) return failed("start", process.error());
  const Status warm = WarmUp(MixOf(grid_, visit.key), visit.slots, kStartTokens, *port);
  if (!warm.ok()) return failed("warm_up", warm.error());
  return MeasureCell(visit.key, *port, process->pid());
}

// Of the part of the workload that is not measured.
Status Comparison::WarmUp(const Mix& mix, int requests, int tokens, int port) const {
  WorkloadSourceOptions options;
  options.arrivals.phases.push_back({.load = ClosedLoop{requests}, .mix = {}});
  options.mix = mix;
  options.split = grid_.split == Split::kHeldOut ? Split::kTune : Split::kHeldOut;
  options.fields.overrides = FixedWork();
  auto source = WorkloadSource::Create(WithLengths(prompts_, tokens, 0), std::move(options));
  if (!source.ok()) return source.error();
  LoadOptions load;
  load.server = Loopback(port);
  load.requests = requests;
  load.timeout = grid_.request_limit;
  const auto run = RunLoad(load, *source, SteadyClock(), [&](const auto&) { return !stopped_(); });
  if (!run.ok()) return run.error();
  const Cell cell = MakeCell({}, *run);
  return cell.error.empty() ? Ok() : Status(Unavailable(cell.error + ": " + cell.detail));
}

Result<Cell> Comparison::MeasureCell(const CellKey& key, int port, pid_t server) {
  const GridModel& model = Named(grid_.models, key.model);
  const GridLoad& load = Named(grid_.loads, key.load);
  WorkloadSourceOptions options;
  options.arrivals = load.arrivals;
  if (!load.own_mix) options.mix = Named(grid_.mixes, key.mix).mix;
  options.split = grid_.split;
  // Every server and every round gets the same requests in the same order.
  options.seed = grid_.seed;
  options.fields.overrides = FixedWork();
  auto source = WorkloadSource::Create(WithLengths(prompts_, model.max_tokens, model.length_spread),
                                       std::move(options));
  if (!source.ok()) return source.error();
  LoadOptions how;
  how.server = Loopback(port);
  how.timeout = grid_.request_limit;
  how.duration = load.seconds;
  if (load.clients > 0) {
    how.requests = std::max(model.least_requests, model.requests_per_client * load.clients);
  }
  const int clients = std::max(1, load.clients);
  if (const Status warm = WarmUp(MixOf(grid_, key), clients, model.warm_up_tokens, port);
      !warm.ok()) {
    if (stopped_()) return Cancelled("interrupted");
    return Cell{.key = key, .error = "warm_up", .detail = warm.error().message};
  }
  const MachineUse before = ReadMachineUse(server);
  const auto run = RunLoad(how, *source, SteadyClock(), [&](const auto&) { return !stopped_(); });
  if (!run.ok()) return run.error();
  if (run->stopped) return Cancelled("interrupted");
  Cell cell = MakeCell(key, *run);
  cell.foreign_cores = ForeignCores(before, ReadMachineUse(server), run->elapsed, TicksPerSecond());
  return cell;
}

Status Comparison::Record(const Cell& cell, Journal& journal) {
  if (Status added = journal.Add(cell); !added.ok()) return added;
  const Seconds now = SteadyClock().Now();
  Pace& pace = paces_[cell.key.model];
  --pace.left;
  ++pace.measured;
  pace.spent += now - last_recorded_;
  last_recorded_ = now;
  ++progress_.done;
  progress_.last = cell;
  progress_.left = EstimateLeft();
  on_progress_(progress_);
  return Ok();
}

// A model that was not measured yet is taken to be like the others.
Seconds Comparison::EstimateLeft() const {
  Seconds spent{0};
  std::size_t measured = 0;
  for (const auto& [model, pace] : paces_) {
    spent += pace.spent;
    measured += pace.measured;
  }
  const auto each = [](Seconds time, std::size_t cells) {
    return time / static_cast<double>(std::max<std::size_t>(cells, 1));
  };
  Seconds left{0};
  for (const auto& [model, pace] : paces_) {
    left += static_cast<double>(pace.left) *
            (pace.measured > 0 ? each(pace.spent, pace.measured) : each(spent, measured));
  }
  return left;
}

}  // namespace turbospec::compare
