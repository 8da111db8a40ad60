// The figures of a run, computed from its records. Pure; O(n log n) in requests and chunks. Read by
// the JSON, the table and the HTML report, which print and do not compute.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/goodput_limits.h"
#include "bench/load_client.h"

namespace turbospec {

struct LatencyFigures {
  std::size_t count = 0;  // all figures are 0 for an empty sample
  double mean_ms = 0;
  double std_ms = 0;  // of the sample as the whole population
  double median_ms = 0;
  double p90_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;
};

// Example: {0.001, 0.003} → mean 2 ms, std 1 ms, median 2 ms, max 3 ms.
LatencyFigures Describe(std::vector<double> seconds);

struct BenchSummary {
  Seconds duration{0};
  int completed = 0;
  int failed = 0;                                    // cancelled ones are neither
  int cancelled = 0;                                 // by an interruption of the run
  std::map<std::string, int> errors;                 // by kind
  std::map<std::string, std::string> error_samples;  // what the first of each kind said
  std::int64_t total_input_tokens = 0;               // of completed requests, like all below
  std::int64_t total_output_tokens = 0;
  std::int64_t total_text_chunks = 0;
  int without_usage = 0;                  // completed requests whose tokens are counted by chunks
  int without_text = 0;                   // completed requests without any text: no TTFT
  double request_throughput = 0;          // per second
  double output_throughput = 0;           // tokens per second
  double total_token_throughput = 0;      // with the prompts' tokens
  std::optional<double> request_goodput;  // per second; only if limits were given
  LatencyFigures ttft, tpot, itl, e2el;   // ITL: between chunks, whatever they carry
  LatencyFigures send_delay;              // how late the client itself was; all records
};

BenchSummary Summarise(const std::vector<RequestRecord>& records, Seconds duration,
                       const GoodputLimits& limits);

// One summary per class name, if there is more than one.
std::map<std::string, BenchSummary> SummariseClasses(const std::vector<RequestRecord>& records,
                                                     Seconds duration, const GoodputLimits& limits);

}  // namespace turbospec
