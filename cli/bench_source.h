// What `turbospec bench` asks and when, from its flags: a workload, a file of prompts or one
// prompt, by a plan of arrivals or at the times of a trace. Called once before a run; reads files.
#pragma once

#include <CLI/App.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/request_source.h"
#include "core/result.h"

namespace turbospec::cli {

// "" and 0 = not given.
struct SourceFlags {
  // What is asked: one of these three.
  std::string workload;  // a workload file or a folder of them
  std::string prompts;   // a JSON lines file
  std::string prompt;
  std::string mix;    // of the workload's classes; not given = all alike
  std::string split;  // "tune" or "held_out"; not given = tune
  // When: one of these four.
  int clients = 0;       // as --arrivals closed:N
  double rate = 0;       // as --arrivals poisson:R
  std::string arrivals;  // docs/workload_format.md
  std::string trace;     // FORMAT:FILE, or FILE with trace_format
  std::string trace_format;
  double trace_scale = 0;       // times every moment of the trace
  std::size_t trace_limit = 0;  // requests that are read of it
  int trace_max_prompt = 0;     // tokens; longer ones are cut
  int trace_max_output = 0;
  std::uint64_t seed = 0;  // of arrival times and of the choice of prompts
  // Fields of every request.
  std::string model;
  int max_tokens = 0;
  std::string extra_body;  // a JSON object
};

struct BenchSource {
  std::unique_ptr<RequestSource> source;
  bool endless = false;  // unless the client stops
  // For the report: {"workload", "…"}, {"arrivals", "closed:8"}, …
  std::vector<std::pair<std::string, std::string>> setup;
};

// Declares the flags; `flags` must outlive the parsing.
void DeclareSource(CLI::App& app, SourceFlags& flags);

// An error says which flag to give or to leave out, or what is wrong with which line of a file.
Result<BenchSource> MakeBenchSource(const SourceFlags& flags);

}  // namespace turbospec::cli
