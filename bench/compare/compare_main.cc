// compare: measures servers side by side over a grid and writes tables, JSON and one HTML page.
// docs/compare.md has the grid format and what is timed.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <thread>

#include "bench/compare/compare_report.h"
#include "bench/compare/comparison.h"

namespace turbospec::compare {
namespace {

constexpr const char* kQuickGrid = "bench/compare/quick.json";

struct Flags {
  std::string grid = kQuickGrid;
  std::string out = "build/compare";
  bool quick = false;
  int rounds = 0;
  std::vector<std::string> only{};
  bool report_only = false;
  std::string machine{};
  std::string command{};
};

volatile std::sig_atomic_t interrupted = 0;

void OnSignal(int) {
  interrupted = 1;
}

int Fail(const Error& error) {
  std::cerr << "compare: " << error.message << "\n";
  return error.code == ErrorCode::kCancelled ? 130 : 1;
}

std::string ProcessorName() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

void Print(const ComparisonProgress& progress) {
  const Cell& cell = progress.last;
  const std::string result = cell.error.empty()
                                 ? fmt::format("{:.1f} tokens/s", cell.tokens_per_second)
                                 : "FAILED (" + cell.error + "): " + cell.detail;
  const std::string disturbed =
      cell.foreign_cores > 0.1 ? fmt::format(", {:.1f} cores taken by others", cell.foreign_cores)
                               : "";
  std::cerr << fmt::format("[{}/{}, {:.0f} min left] {} {} {} {} #{}: {}{}\n", progress.done,
                           progress.all, progress.left.count() / 60, cell.key.model,
                           cell.key.server, cell.key.load, cell.key.mix, cell.key.round + 1, result,
                           disturbed);
}

Status WriteFile(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return NotFound("cannot write \"" + path.string() + "\"");
  return Ok();
}

// What the servers say of themselves; a group that says nothing is left out.
std::map<std::string, std::string> Versions(const Grid& grid, const std::filesystem::path& log) {
  std::map<std::string, std::string> versions;
  for (const GridVersion& version : grid.versions) {
    const auto said = FirstLineOf(version.command, log);
    if (said.ok()) versions[version.group] = *said;
  }
  return versions;
}

Status WriteReports(const std::filesystem::path& out, const Grid& grid, const Journal& journal) {
  const CompareReport report = MakeReport(grid, journal.runs(), journal.Cells());
  if (Status s = WriteFile(out / "summary.json", ReportJson(grid, report).dump(1) + "\n");
      !s.ok()) {
    return s;
  }
  const std::string markdown = ReportMarkdown(grid, report);
  if (Status s = WriteFile(out / "report.md", markdown); !s.ok()) return s;
  if (Status s = WriteFile(out / "report.html", ReportHtml(grid, report)); !s.ok()) return s;
  std::cout << markdown;
  std::cerr << "compare: the same in " << (out / "report.html").string() << "\n";
  return Ok();
}

Status Measure(const Flags& flags, const Grid& grid, Journal& journal) {
  auto workload = LoadWorkload(grid.workloads);
  if (!workload.ok()) return workload.error();
  const std::filesystem::path logs = std::filesystem::path(flags.out) / "logs";
  Comparison comparison(
      grid, PromptsOf(*std::move(workload)),
      {.logs = logs, .rounds = flags.rounds, .only = flags.only}, [] { return interrupted != 0; },
      Print);
  auto models = comparison.Models();
  if (!models.ok()) return models.error();
  const std::time_t now = std::time(nullptr);
  const JournalRun run{.date = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now)),
                       .machine = flags.machine.empty()
                                      ? fmt::format("{}, {} cores", ProcessorName(),
                                                    std::thread::hardware_concurrency())
                                      : flags.machine,
                       .command = flags.command,
                       .versions = Versions(grid, logs / "versions.log"),
                       .models = *std::move(models)};
  if (Status begun = journal.Begin(run); !begun.ok()) return begun;
  if (Status ran = comparison.Run(journal); !ran.ok()) {
    if (ran.error().code != ErrorCode::kCancelled) return ran;
    return Cancelled("interrupted; the same command goes on from here");
  }
  return Ok();
}

Status Main(const Flags& flags) {
  const auto grid = LoadGrid(flags.quick ? kQuickGrid : flags.grid);
  if (!grid.ok()) return grid.error();
  const std::filesystem::path out = flags.out;
  if (flags.report_only) {
    const auto journal = Journal::Read(out / "cells.jsonl", grid->fingerprint);
    return journal.ok() ? WriteReports(out, *grid, *journal) : journal.error();
  }
  std::error_code failed;
  std::filesystem::create_directories(out / "logs", failed);
  if (failed) return NotFound("cannot make the folder \"" + (out / "logs").string() + "\"");
  auto journal = Journal::Open(out / "cells.jsonl", grid->fingerprint);
  if (!journal.ok()) return journal.error();
  if (journal->dropped_lines() > 0) {
    std::cerr << "compare: the journal's last line was cut; its cell is measured again\n";
  }
  if (Status measured = Measure(flags, *grid, *journal); !measured.ok()) return measured;
  return WriteReports(out, *grid, *journal);
}

// What was typed, for the report.
std::string Joined(int argc, char** argv) {
  std::string command = "compare";
  for (int i = 1; i < argc; ++i) command += std::string(" ") + argv[i];
  return command;
}

void CatchSignals() {
  struct sigaction action {};
  action.sa_handler = OnSignal;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

int Run(int argc, char** argv) {
  CLI::App app("Measures servers side by side over a grid of models, loads and mixes.");
  Flags flags;
  CLI::Option* grid =
      app.add_option("--grid", flags.grid, "what to measure, a JSON file")->capture_default_str();
  app.add_option("--out", flags.out, "folder for journal, logs and reports; goes on if it exists")
      ->capture_default_str();
  app.add_flag("--quick", flags.quick, "the small grid: within ten minutes on two cores")
      ->excludes(grid);
  app.add_option("--rounds", flags.rounds, "instead of the grid's")->check(CLI::PositiveNumber);
  app.add_option(
      "--only", flags.only,
      "only cells whose \"model/server/load/mix\" one of these regular expressions matches");
  app.add_option("--machine", flags.machine, "what the report calls the machine");
  app.add_flag("--report-only", flags.report_only, "write the reports from the journal again");
  CLI11_PARSE(app, argc, argv);
  flags.command = Joined(argc, argv);
  CatchSignals();
  const Status done = Main(flags);
  return done.ok() ? 0 : Fail(done.error());
}

}  // namespace
}  // namespace turbospec::compare

int main(int argc, char** argv) {
  return turbospec::compare::Run(argc, argv);
}
