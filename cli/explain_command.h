// `turbospec explain`: says in words and tables why steps of a decision log were planned as they
// were, and whether the forecasts held. Needs no model and no libllama.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>

namespace turbospec::cli {

struct ExplainFlags {
  std::string log;
  std::int64_t step = -1;  // -1 = a summary of all
  std::int64_t last = 0;   // 0 = all; else only so many steps at the end
  bool json = false;
};

// Declares the subcommand; `flags` must outlive the parsing.
void DeclareExplain(CLI::App& app, ExplainFlags& flags);

// The exit status; errors have been written to standard error.
int RunExplain(const ExplainFlags& flags);

}  // namespace turbospec::cli
