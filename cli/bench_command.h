// `turbospec bench`: loads a running OpenAI-compatible server and prints what its users would see.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>

#include "cli/bench_source.h"

namespace turbospec::cli {

struct BenchFlags {
  std::string url = "http://127.0.0.1:8080";
  std::string api_key;
  SourceFlags source;
  std::int64_t requests = 0;  // 0 = not given
  double duration_seconds = 0;
  int warmup_requests = 0;
  double warmup_seconds = 0;
  double timeout_seconds = 600;
  std::string goodput;
  std::string json_file;  // "-" = standard output instead of the table
  std::string html_file;
  bool per_request = false;
  bool quiet = false;
};

// Declares the subcommand; `flags` must outlive the parsing.
void DeclareBench(CLI::App& app, BenchFlags& flags);

// The exit status: 0 if a request was completed, 1 if none or on an error (written to standard
// error), 130 after an interruption, whose partial result is printed.
int RunBench(const BenchFlags& flags);

}  // namespace turbospec::cli
