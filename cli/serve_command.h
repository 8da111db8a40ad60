// `turbospec serve`: the HTTP server over the engine until a signal ends it. SIGTERM or SIGINT
// once: finish what runs, then exit; twice: cancel what runs.
#pragma once

#include <CLI/App.hpp>

#include "cli/flags.h"
#include "server/server_options.h"

namespace turbospec::cli {

struct ServeFlags {
  EngineFlags engine;
  ServerOptions server;
  double drain_seconds = 30;
  bool quiet = false;  // no line per request
};

// Declares the subcommand; `flags` must outlive the parsing.
void DeclareServe(CLI::App& app, ServeFlags& flags);

// The exit status; errors have been written to standard error.
int RunServe(const ServeFlags& flags);

}  // namespace turbospec::cli
