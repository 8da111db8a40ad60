// `turbospec scale-model`: makes a benchmark vehicle, a large model that computes what a small one
// does (docs/scaled_models.md). Runs on the calling thread; progress goes to standard error.
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace turbospec::cli {

struct ScaleModelFlags {
  std::string source;
  std::string output;
  std::string like = "1b";
  std::string type = "q8_0";
};

// Declares the subcommand; `flags` must outlive the parsing.
void DeclareScaleModel(CLI::App& app, ScaleModelFlags& flags);

// The exit status; errors have been written to standard error.
int RunScaleModel(const ScaleModelFlags& flags);

}  // namespace turbospec::cli
