#include "cli/bench_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iostream>
#include <utility>
#include <vector>

#include "bench/bench_report.h"
#include "bench/report_page.h"

namespace turbospec::cli {
namespace {

using nlohmann::json;

constexpr std::int64_t kDefaultRequests = 100;

volatile std::sig_atomic_t interrupted = 0;

void OnInterrupt(int) {
  interrupted = 1;
  std::signal(SIGINT, SIG_DFL);  // the second one ends the process
}

int Fail(const Error& error) {
  std::cerr << "turbospec: " << error.message << "\n";
  return 1;
}

Result<LoadOptions> ClientOptions(const BenchFlags& flags) {
  auto url = ParseServerUrl(flags.url);
  if (!url.ok()) return url.error();
  LoadOptions options;
  options.server = *std::move(url);
  options.requests = flags.requests;
  options.duration = Seconds(flags.duration_seconds);
  options.warmup_requests = flags.warmup_requests;
  options.warmup_seconds = Seconds(flags.warmup_seconds);
  options.timeout = Seconds(flags.timeout_seconds);
  options.bearer_token = flags.api_key;
  return options;
}

std::vector<std::pair<std::string, std::string>> Setup(const BenchFlags& flags,
                                                       const LoadOptions& options,
                                                       const BenchSource& source) {
  std::vector<std::pair<std::string, std::string>> setup = {{"url", flags.url}};
  setup.insert(setup.end(), source.setup.begin(), source.setup.end());
  const auto tell_seconds = [&](const char* name, Seconds value) {
    if (value.count() > 0) setup.emplace_back(name, fmt::format("{} s", value.count()));
  };
  if (options.requests > 0) setup.emplace_back("requests", std::to_string(options.requests));
  tell_seconds("duration", options.duration);
  if (options.warmup_requests > 0) {
    setup.emplace_back("warmup", fmt::format("{} requests", options.warmup_requests));
  }
  tell_seconds("warmup_time", options.warmup_seconds);
  if (!flags.goodput.empty()) setup.emplace_back("goodput", flags.goodput);
  return setup;
}

// On a terminal one line that is written over; elsewhere nothing, so that logs stay readable.
OnProgress Progress(const BenchFlags& flags) {
  const bool shown = !flags.quiet && ::isatty(STDERR_FILENO) != 0;
  return [shown](const LoadProgress& progress) {
    if (shown) std::cerr << "\r" << ProgressLine(progress) << "\x1b[K" << std::flush;
    return interrupted == 0;
  };
}

Status WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return NotFound("cannot write \"" + path + "\"");
  return Ok();
}

Status Print(const BenchFlags& flags, const BenchReport& report) {
  const std::string as_json =
      ReportJson(report, flags.per_request).dump(2, ' ', false, json::error_handler_t::replace) +
      "\n";
  std::cout << (flags.json_file == "-" ? as_json : ReportTable(report)) << std::flush;
  if (!flags.json_file.empty() && flags.json_file != "-") {
    if (Status written = WriteFile(flags.json_file, as_json); !written.ok()) return written;
  }
  return flags.html_file.empty() ? Ok() : WriteFile(flags.html_file, ReportPage(report));
}

void DeclareLimits(CLI::App& app, BenchFlags& flags) {
  const std::string group = "How much";
  const auto number = [&](const char* name, auto& value, const char* help) {
    app.add_option(name, value, help)->check(CLI::NonNegativeNumber)->group(group);
  };
  number("--requests", flags.requests,
         "how many are measured (100, unless --duration, phases or a trace end the run)");
  number("--duration", flags.duration_seconds, "seconds; nothing that is due later is sent");
  number("--warmup", flags.warmup_requests, "requests before, finished first, not measured");
  number("--warmup-seconds", flags.warmup_seconds, "likewise; both: whichever lasts longer");
  number("--timeout", flags.timeout_seconds, "seconds per request");
}

}  // namespace

void DeclareBench(CLI::App& app, BenchFlags& flags) {
  app.add_option("--url", flags.url, "the server; the path may end in /v1")->capture_default_str();
  app.add_option("--api-key", flags.api_key, "sent as a bearer token")
      ->envname("TURBOSPEC_BENCH_API_KEY");
  DeclareSource(app, flags.source);
  DeclareLimits(app, flags);
  const std::string group = "Output";
  app.add_option("--goodput", flags.goodput, "limits in ms, e.g. ttft:500,tpot:50,e2el:5000")
      ->group(group);
  app.add_option("--json", flags.json_file, "write the result; \"-\" = instead of the table")
      ->group(group);
  app.add_option("--html", flags.html_file, "write one page with plots, which needs no network")
      ->group(group);
  app.add_flag("--per-request", flags.per_request, "a line of times per request in the JSON")
      ->group(group);
  app.add_flag("--quiet", flags.quiet, "no progress line")->group(group);
}

int RunBench(const BenchFlags& flags) {
  auto options = ClientOptions(flags);
  if (!options.ok()) return Fail(options.error());
  const auto limits = ParseGoodputLimits(flags.goodput);
  if (!limits.ok()) return Fail(limits.error());
  const auto source = MakeBenchSource(flags.source);
  if (!source.ok()) return Fail(source.error());
  // Somebody who gives neither number nor duration does not want it to go on for ever.
  if (source->endless && options->requests == 0 && options->duration.count() == 0) {
    options->requests = kDefaultRequests;
  }

  std::signal(SIGINT, OnInterrupt);
  const SteadyClock clock;
  auto run = RunLoad(*options, *source->source, clock, Progress(flags));
  if (!flags.quiet && ::isatty(STDERR_FILENO) != 0) std::cerr << "\n";
  if (!run.ok()) return Fail(run.error());
  const BenchReport report = MakeReport(Setup(flags, *options, *source), *std::move(run), *limits);
  if (Status printed = Print(flags, report); !printed.ok()) return Fail(printed.error());
  if (report.run.stopped) return 130;
  return report.summary.completed > 0 ? 0 : 1;
}

}  // namespace turbospec::cli
