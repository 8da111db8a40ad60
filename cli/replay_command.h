// `turbospec replay`: shows the steps of a decision log to another controller and says what it
// would have planned, and an estimate of what that would have yielded. Needs no model.
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace turbospec::cli {

struct ReplayFlags {
  std::string log;
  std::string controller;  // "" = the one that made the log
  std::string profile;     // file with prices, for controllers that weigh them
  bool each = false;       // a line per step that differs
  bool json = false;
};

// Declares the subcommand; `flags` must outlive the parsing.
void DeclareReplay(CLI::App& app, ReplayFlags& flags);

// The exit status; errors have been written to standard error.
int RunReplay(const ReplayFlags& flags);

}  // namespace turbospec::cli
