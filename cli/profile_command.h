// `turbospec profile`: measures what the passes of a model pair take on this machine, keeps it for
// later starts, and shows it (docs/profile_format.md).
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "cli/flags.h"

namespace turbospec::cli {

struct ProfileFlags {
  EngineFlags engine;
  bool quick = false;  // the default
  bool full = false;
  double seconds = 0;  // for both models; 0 = as the mode says
  std::string output;  // "" = the cache
  std::string show;    // a profile file to show instead of measuring
  std::string svg;
};

// Declares the subcommand; `flags` must outlive the parsing.
void DeclareProfile(CLI::App& app, ProfileFlags& flags);

// The exit status; errors have been written to standard error.
int RunProfile(const ProfileFlags& flags);

}  // namespace turbospec::cli
