// The turbospec program: reads the command line and hands over to one command.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/bench_command.h"
#include "cli/explain_command.h"
#include "cli/generate_command.h"
#include "cli/openmp_spin.h"
#include "cli/replay_command.h"
#include "cli/scale_model_command.h"
#include "cli/serve_command.h"

int main(int argc, char** argv) {
  using namespace turbospec::cli;
  LimitOpenMpSpinning(argv);
  CLI::App app("TurboSpec: speculative decoding that tunes itself", "turbospec");
  app.set_config("--config", "", "read flags from a TOML or INI file");
  app.set_version_flag("--version", TURBOSPEC_VERSION);
  app.require_subcommand(1);
  GenerateFlags generate;
  ScaleModelFlags scale_model;
  ServeFlags serve;
  BenchFlags bench;
  ExplainFlags explain;
  ReplayFlags replay;
  CLI::App& generate_app = *app.add_subcommand("generate", "complete prompts and print the text");
  CLI::App& scale_model_app =
      *app.add_subcommand("scale-model", "make a large model that computes what a small one does");
  CLI::App& serve_app = *app.add_subcommand("serve", "serve the OpenAI HTTP API");
  CLI::App& bench_app = *app.add_subcommand("bench", "load an OpenAI-compatible server");
  CLI::App& explain_app = *app.add_subcommand("explain", "say why steps were planned as they were");
  CLI::App& replay_app = *app.add_subcommand("replay", "show a recorded run to another controller");
  DeclareGenerate(generate_app, generate);
  DeclareScaleModel(scale_model_app, scale_model);
  DeclareServe(serve_app, serve);
  DeclareBench(bench_app, bench);
  DeclareExplain(explain_app, explain);
  DeclareReplay(replay_app, replay);
  CLI11_PARSE(app, argc, argv);
  if (generate_app.parsed()) return RunGenerate(generate);
  if (scale_model_app.parsed()) return RunScaleModel(scale_model);
  if (bench_app.parsed()) return RunBench(bench);
  if (explain_app.parsed()) return RunExplain(explain);
  if (replay_app.parsed()) return RunReplay(replay);
  return RunServe(serve);
}
