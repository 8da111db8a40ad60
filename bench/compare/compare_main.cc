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
#include <thread>

#include "compare/compare_report.h"
#include "compare/comparison.h"

namespace turbospec::compare {
namespace {

struct Flags {
  std::string grid = "bench/compare/quick.json";
  std::string out = "build/compare";
  bool quick = false;
  int rounds = 0;
  std::vector<std::string> only{};
  bool report_only = false;
  std::string machine{};
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
                                 : "FAILED: " + cell.error;
  std::cerr << fmt::format("[{}/{}, {:.0f} min left] {} {} {} {} #{}: {}\n", progress.done,
                           progress.all, progress.left.count() / 60, cell.key.model,
                           cell.key.server, cell.key.load, cell.key.mix, cell.key.round + 1,
                           result);
}

Status WriteFile(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return NotFound("cannot write \"" + path.string() + "\"");
  return Ok();
}

Status WriteReports(const Flags& flags, const Grid& grid, const Journal& journal) {
  CompareReport report{.name = grid.name, .points = MakePoints(grid, journal.Cells())};
  const std::string machine =
      flags.machine.empty()
          ? fmt::format("{}, {} cores", ProcessorName(), std::thread::hardware_concurrency())
          : flags.machine;
  const std::time_t now = std::time(nullptr);
  report.setup = {{"machine", machine},
                  {"date", fmt::format("{:%Y-%m-%d}", fmt::gmtime(now))},
                  {"command", fmt::format("compare --grid {}", flags.grid)},
                  {"threads", std::to_string(grid.threads)},
                  {"requests", grid.split == Split::kHeldOut ? "held out" : "of the tuning part"}};
  const std::filesystem::path out = flags.out;
  if (Status s = WriteFile(out / "summary.json", ReportJson(grid, report).dump(1) + "\n");
      !s.ok()) {
    return s;
  }
  const std::string markdown = ReportMarkdown(grid, report);
  std::cout << markdown;
  if (Status s = WriteFile(out / "report.md", markdown); !s.ok()) return s;
  return WriteFile(out / "report.html", ReportHtml(grid, report));
}

Status Main(Flags flags) {
  if (flags.quick) flags.grid = "bench/compare/quick.json";
  const auto grid = LoadGrid(flags.grid);
  if (!grid.ok()) return grid.error();
  const std::filesystem::path out = flags.out;
  std::error_code failed;
  std::filesystem::create_directories(out / "logs", failed);
  if (failed) return NotFound("cannot make the folder \"" + (out / "logs").string() + "\"");
  auto journal = Journal::Open(out / "cells.jsonl", grid->fingerprint);
  if (!journal.ok()) return journal.error();
  if (journal->dropped_lines() > 0) {
    std::cerr << "compare: the journal's last line was cut; its cell is measured again\n";
  }
  Status ran = Ok();
  if (!flags.report_only) {
    auto workload = LoadWorkload(grid->workloads);
    if (!workload.ok()) return workload.error();
    struct sigaction action {};
    action.sa_handler = OnSignal;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    Comparison comparison(
        *grid, PromptsOf(*std::move(workload)),
        {.logs = out / "logs", .rounds = flags.rounds, .only = flags.only},
        [] { return interrupted != 0; }, Print);
    ran = comparison.Run(*journal);
    if (!ran.ok() && ran.error().code == ErrorCode::kCancelled) {
      return Cancelled("interrupted; the same command goes on from here");
    }
  }
  if (!ran.ok()) return ran;
  return WriteReports(flags, *grid, *journal);
}

int Run(int argc, char** argv) {
  CLI::App app("Measures servers side by side over a grid of models, loads and mixes.");
  Flags flags;
  app.add_option("--grid", flags.grid, "what to measure, a JSON file")->capture_default_str();
  app.add_option("--out", flags.out, "folder for journal, logs and reports; goes on if it exists")
      ->capture_default_str();
  app.add_flag("--quick", flags.quick, "the small grid: within ten minutes on two cores");
  app.add_option("--rounds", flags.rounds, "instead of the grid's")->check(CLI::PositiveNumber);
  app.add_option("--only", flags.only,
                 "regular expression for cells \"model/server/load/mix\"; repeatable");
  app.add_option("--machine", flags.machine, "what the report calls the machine");
  app.add_flag("--report-only", flags.report_only, "write the reports from the journal again");
  CLI11_PARSE(app, argc, argv);
  const Status done = Main(std::move(flags));
  return done.ok() ? 0 : Fail(done.error());
}

}  // namespace
}  // namespace turbospec::compare

int main(int argc, char** argv) {
  return turbospec::compare::Run(argc, argv);
}
