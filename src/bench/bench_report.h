// A finished run in every form in which it is printed. Pure: a report is made once by the command
// line and rendered as JSON, as a table for the console and as one HTML page.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/bench_summary.h"

namespace turbospec {

struct BenchReport {
  // What was measured and how, as printed: {"url", "…"}, {"load", "closed loop, 8 clients"}, …
  std::vector<std::pair<std::string, std::string>> setup;
  LoadRun run;
  BenchSummary summary;
  std::map<std::string, BenchSummary> classes;
};

BenchReport MakeReport(std::vector<std::pair<std::string, std::string>> setup, LoadRun run,
                       const GoodputLimits& limits);

// The result file (docs/bench_client.md); field names as in `vllm bench serve` where it has them.
nlohmann::json ReportJson(const BenchReport& report, bool with_requests);

// Ends with a line feed.
std::string ReportTable(const BenchReport& report);

// Part of one core that the client's thread took; above about 0.5 it may have been the bottleneck.
double CpuShare(const LoadRun& run);

// One line without a line feed: "12.3 s  8 running  40 done  0 failed  5120 chunks".
std::string ProgressLine(const LoadProgress& progress);

}  // namespace turbospec
