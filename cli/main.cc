// The turbospec program: reads the command line and hands over to one command.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/bench_command.h"
#include "cli/explain_command.h"
#include "cli/generate_command.h"
#include "cli/openmp_spin.h"
#include "cli/profile_command.h"
#include "cli/replay_command.h"
#include "cli/scale_model_command.h"
#include "cli/serve_command.h"
#include "cli/simulate_command.h"

int main(int argc, char** argv) {
  using namespace turbospec::cli;
  LimitOpenMpSpinning(argv);
  CLI::App app("TurboSpec: speculative decoding that tunes itself", "turbospec");
  app.set_config("--config", "", "read flags from a TOML or INI file");
  app.set_version_flag("--version", TURBOSPEC_VERSION);
  app.require_subcommand(1);
  GenerateFlags generate;
  ProfileFlags profile;
  ScaleModelFlags scale_model;
  ServeFlags serve;
  BenchFlags bench;
  SimulateFlags simulate;
  ExplainFlags explain;
  ReplayFlags replay;
  CLI::App& generate_app = *app.add_subcommand("generate", "complete prompts and print the text");
  CLI::App& profile_app =
      *app.add_subcommand("profile", "measure what passes of the models take here");
  CLI::App& scale_model_app =
      *app.add_subcommand("scale-model", "make a large model that computes what a small one does");
  CLI::App& serve_app = *app.add_subcommand("serve", "serve the OpenAI HTTP API");
  CLI::App& bench_app = *app.add_subcommand("bench", "load an OpenAI-compatible server");
  CLI::App& simulate_app =
      *app.add_subcommand("simulate", "what controllers would do on a described machine");
  CLI::App& explain_app = *app.add_subcommand("explain", "say why steps were planned as they were");
  CLI::App& replay_app = *app.add_subcommand("replay", "show a recorded run to another controller");
  DeclareGenerate(generate_app, generate);
  DeclareProfile(profile_app, profile);
  DeclareScaleModel(scale_model_app, scale_model);
  DeclareServe(serve_app, serve);
  DeclareBench(bench_app, bench);
  DeclareSimulate(simulate_app, simulate);
  DeclareExplain(explain_app, explain);
  DeclareReplay(replay_app, replay);
  CLI11_PARSE(app, argc, argv);
  if (generate_app.parsed()) return RunGenerate(generate);
  if (profile_app.parsed()) return RunProfile(profile);
  if (scale_model_app.parsed()) return RunScaleModel(scale_model);
  if (bench_app.parsed()) return RunBench(bench);
  if (simulate_app.parsed()) return RunSimulate(simulate);
  if (explain_app.parsed()) return RunExplain(explain);
  if (replay_app.parsed()) return RunReplay(replay);
  return RunServe(serve);
}
