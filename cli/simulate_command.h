// `turbospec simulate`: what controllers would do on a machine and a load that are only described.
// Needs no model and no accelerator.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace turbospec::cli {

struct SimulateFlags {
  std::string scenario;                  // file; "" = a small built-in one
  std::vector<std::string> controllers;  // none = the default of the scenario or suite
  std::string suite;
  bool hindsight = false;  // also every static length, the clairvoyant bound and regret
  std::string what_if;     // "rate=1:2:4,slots=8:16,…"
  int points = 0;
  bool quick = false;
  int threads = 2;
  std::int64_t seed = -1;  // -1 = the scenario's
  std::string json_file;   // "-" = standard output instead of the table
  std::string html_file;
};

void DeclareSimulate(CLI::App& app, SimulateFlags& flags);

// The exit status: 0; 1 on an error (written to standard error) or when a suite's bound is missed.
int RunSimulate(const SimulateFlags& flags);

}  // namespace turbospec::cli
