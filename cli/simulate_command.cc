#include "cli/simulate_command.h"

#include <fstream>
#include <iostream>
#include <utility>

#include "sim/comparison.h"
#include "sim/comparison_page.h"
#include "sim/suite.h"
#include "sim/what_if.h"

namespace turbospec::cli {
namespace {

constexpr const char* kDefaultController = "auto";

int Fail(const Error& error) {
  std::cerr << "turbospec: " << error.message << "\n";
  return 1;
}

Status WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return NotFound("cannot write \"" + path + "\"");
  return Ok();
}

Result<Scenario> ScenarioOf(const SimulateFlags& flags) {
  Result<Scenario> scenario = Scenario{};
  if (!flags.scenario.empty()) scenario = LoadScenario(flags.scenario);
  if (scenario.ok() && flags.seed >= 0) scenario->seed = static_cast<std::uint64_t>(flags.seed);
  return scenario;
}

int RunSuites(const SimulateFlags& flags, const std::vector<std::string>& controllers) {
  bool missed = false;
  for (const std::string& controller : controllers) {
    auto report = RunSuite(flags.suite,
                           {.controller = controller,
                            .points = flags.points,
                            .quick = flags.quick,
                            .threads = flags.threads,
                            .seed = static_cast<std::uint64_t>(flags.seed >= 0 ? flags.seed : 1)});
    if (!report.ok()) return Fail(report.error());
    std::cout << SuiteText(*report) << std::flush;
    missed = missed || !report->misses.empty();
  }
  return missed ? 1 : 0;
}

int RunWhatIf(const SimulateFlags& flags, const Scenario& scenario, const std::string& controller) {
  auto axes = ParseWhatIf(flags.what_if);
  if (!axes.ok()) return Fail(axes.error());
  auto what_if = SweepWhatIf(scenario, *std::move(axes), controller, flags.threads);
  if (!what_if.ok()) return Fail(what_if.error());
  std::cout << scenario.name << " with " << controller << "\n" << WhatIfText(*what_if);
  return 0;
}

int RunComparison(const SimulateFlags& flags, const Scenario& scenario,
                  const std::vector<std::string>& controllers) {
  auto comparison = Compare(scenario, controllers, flags.hindsight);
  if (!comparison.ok()) return Fail(comparison.error());
  const bool json_only = flags.json_file == "-";
  if (!json_only) std::cout << ComparisonText(*comparison);
  if (!flags.html_file.empty()) {
    Status written = WriteFile(flags.html_file, ComparisonPage(*comparison));
    if (!written.ok()) return Fail(written.error());
  }
  if (flags.json_file.empty()) return 0;
  const std::string json = ComparisonJson(*comparison).dump(2) + "\n";
  if (json_only) {
    std::cout << json;
  } else if (Status written = WriteFile(flags.json_file, json); !written.ok()) {
    return Fail(written.error());
  }
  return 0;
}

}  // namespace

void DeclareSimulate(CLI::App& app, SimulateFlags& flags) {
  app.add_option("--scenario", flags.scenario,
                 "JSON file (docs/simulator.md); default: a small one");
  app.add_option("--controller", flags.controllers,
                 "auto, off, fixed:K, ...; clairvoyant knows what will be accepted; repeatable");
  app.add_flag("--hindsight", flags.hindsight,
               "try every static length and the clairvoyant too; print regret");
  app.add_option("--what-if", flags.what_if,
                 "sweep: rate=1:2:4,clients=,slots=,replicas=,draft=,acceptance=");
  app.add_option("--seed", flags.seed, "instead of the scenario's")->check(CLI::NonNegativeNumber);
  app.add_option("--threads", flags.threads, "simulations at a time")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--json", flags.json_file, "write the result; \"-\" = instead of the table");
  app.add_option("--html", flags.html_file, "write one page with plots, which needs no network");
  const std::string group = "Suites";
  app.add_option("--suite", flags.suite, "constant | mixed | phases | robust | recover")
      ->group(group);
  app.add_option("--points", flags.points, "run about so many of its points")
      ->check(CLI::NonNegativeNumber)
      ->group(group);
  app.add_flag("--quick", flags.quick, "a few points, short runs")->group(group);
}

int RunSimulate(const SimulateFlags& flags) {
  std::vector<std::string> controllers = flags.controllers;
  if (controllers.empty()) controllers.emplace_back(kDefaultController);
  if (!flags.suite.empty()) return RunSuites(flags, controllers);
  auto scenario = ScenarioOf(flags);
  if (!scenario.ok()) return Fail(scenario.error());
  if (!flags.what_if.empty()) return RunWhatIf(flags, *scenario, controllers.front());
  return RunComparison(flags, *scenario, controllers);
}

}  // namespace turbospec::cli
