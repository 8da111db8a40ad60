// `turbospec generate`: runs prompts through the engine on this thread and prints what comes.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "cli/flags.h"

namespace turbospec::cli {

struct GenerateFlags {
  EngineFlags engine;
  RequestFlags request;
  std::string prompt;      // the argument; "-" = text from standard input
  std::string file;        // a text file as prompt
  std::string json_lines;  // a file of jobs; "-" = standard input
  bool chat = false;       // the prompt is a user's message
  bool json = false;
};

// Declares the subcommand; `flags` must outlive the parsing.
void DeclareGenerate(CLI::App& app, GenerateFlags& flags);

// The exit status; errors have been written to standard error.
int RunGenerate(const GenerateFlags& flags);

}  // namespace turbospec::cli
