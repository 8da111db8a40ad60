#include "cli/bench_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>
#include <vector>

#include "bench/bench_report.h"
#include "bench/report_page.h"
#include "bench/workload_source.h"

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

Result<BenchPrompts> Prompts(const BenchFlags& flags) {
  if (flags.prompt.empty() == flags.prompts.empty()) {
    return InvalidArgument("give either --prompt or --prompts (try --help)");
  }
  if (!flags.prompt.empty()) {
    std::istringstream line(json{{"prompt", flags.prompt}}.dump());
    return ReadPromptLines(line);
  }
  std::ifstream file(flags.prompts);
  if (!file) return NotFound("cannot read \"" + flags.prompts + "\"");
  auto read = ReadPromptLines(file);
  if (!read.ok()) return InvalidArgument(flags.prompts + ": " + read.error().message);
  return read;
}

Result<WorkloadSourceOptions> SourceOptions(const BenchFlags& flags) {
  auto arrivals = ParseArrivalPlan(flags.clients > 0 ? fmt::format("closed:{}", flags.clients)
                                                     : fmt::format("poisson:{}", flags.rate));
  if (!arrivals) return arrivals.error();
  WorkloadSourceOptions options;
  options.arrivals = *std::move(arrivals);
  options.seed = flags.seed;
  json& overrides = options.fields.overrides;
  if (!flags.extra_body.empty()) {
    overrides = json::parse(flags.extra_body, nullptr, false);
    if (!overrides.is_object()) return InvalidArgument("--extra-body is not a JSON object");
  }
  if (!flags.model.empty()) overrides["model"] = flags.model;
  if (flags.max_tokens > 0) overrides["max_tokens"] = flags.max_tokens;
  return options;
}

Result<LoadOptions> ClientOptions(const BenchFlags& flags) {
  if ((flags.clients > 0) == (flags.rate > 0)) {
    return InvalidArgument("give either --clients (closed loop) or --rate (open loop)");
  }
  auto url = ParseServerUrl(flags.url);
  if (!url.ok()) return url.error();
  LoadOptions options;
  options.server = *std::move(url);
  options.requests = flags.requests;
  // Somebody who gives neither number nor duration does not want it to go on for ever.
  if (flags.requests == 0 && flags.duration_seconds == 0) options.requests = kDefaultRequests;
  options.duration = Seconds(flags.duration_seconds);
  options.warmup_requests = flags.warmup_requests;
  options.warmup_seconds = Seconds(flags.warmup_seconds);
  options.timeout = Seconds(flags.timeout_seconds);
  options.bearer_token = flags.api_key;
  return options;
}

std::vector<std::pair<std::string, std::string>> Setup(const BenchFlags& flags) {
  std::vector<std::pair<std::string, std::string>> setup = {{"url", flags.url}};
  if (!flags.model.empty()) setup.emplace_back("model", flags.model);
  setup.emplace_back("prompts", flags.prompts.empty() ? "one prompt" : flags.prompts);
  setup.emplace_back("load", flags.clients > 0
                                 ? fmt::format("closed loop, {} clients", flags.clients)
                                 : fmt::format("open loop, Poisson, {} requests/s, seed {}",
                                               flags.rate, flags.seed));
  if (flags.max_tokens > 0) setup.emplace_back("max_tokens", std::to_string(flags.max_tokens));
  if (!flags.extra_body.empty()) setup.emplace_back("extra_body", flags.extra_body);
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

void DeclareLoad(CLI::App& app, BenchFlags& flags) {
  const std::string group = "Load";
  const auto number = [&](const char* name, auto& value, const char* help) {
    app.add_option(name, value, help)->check(CLI::NonNegativeNumber)->group(group);
  };
  number("--clients", flags.clients, "closed loop: each sends when its last response has ended");
  number("--rate", flags.rate, "open loop: requests per second, Poisson, whatever comes back");
  number("--requests", flags.requests, "how many are measured (100, unless --duration is given)");
  number("--duration", flags.duration_seconds, "seconds; no request is sent after");
  number("--warmup", flags.warmup_requests, "requests before, finished first, not measured");
  number("--warmup-seconds", flags.warmup_seconds, "likewise; both: whichever lasts longer");
  number("--timeout", flags.timeout_seconds, "seconds per request");
  app.add_option("--seed", flags.seed, "of the arrival times")->group(group);
}

}  // namespace

void DeclareBench(CLI::App& app, BenchFlags& flags) {
  app.add_option("--url", flags.url, "the server; the path may end in /v1")->capture_default_str();
  app.add_option("--api-key", flags.api_key, "sent as a bearer token")
      ->envname("TURBOSPEC_BENCH_API_KEY");
  app.add_option("--model", flags.model, "the requests' model");
  app.add_option("--prompt", flags.prompt, "one prompt for all requests");
  app.add_option("--prompts", flags.prompts,
                 "JSON lines with \"prompt\" or \"messages\" and any other request field");
  app.add_option("--max-tokens", flags.max_tokens, "of every request")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--extra-body", flags.extra_body,
                 "JSON object put into every request, e.g. '{\"ignore_eos\": true}'");
  DeclareLoad(app, flags);
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
  const auto options = ClientOptions(flags);
  if (!options.ok()) return Fail(options.error());
  const auto limits = ParseGoodputLimits(flags.goodput);
  if (!limits.ok()) return Fail(limits.error());
  auto prompts = Prompts(flags);
  if (!prompts.ok()) return Fail(prompts.error());
  auto source_options = SourceOptions(flags);
  if (!source_options.ok()) return Fail(source_options.error());
  auto source = WorkloadSource::Create(*std::move(prompts), *std::move(source_options));
  if (!source.ok()) return Fail(source.error());

  std::signal(SIGINT, OnInterrupt);
  const SteadyClock clock;
  auto run = RunLoad(*options, *source, clock, Progress(flags));
  if (!flags.quiet && ::isatty(STDERR_FILENO) != 0) std::cerr << "\n";
  if (!run.ok()) return Fail(run.error());
  const BenchReport report = MakeReport(Setup(flags), *std::move(run), *limits);
  if (Status printed = Print(flags, report); !printed.ok()) return Fail(printed.error());
  if (report.run.stopped) return 130;
  return report.summary.completed > 0 ? 0 : 1;
}

}  // namespace turbospec::cli
