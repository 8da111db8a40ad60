#include "cli/replay_command.h"

#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>

#include "cli/controller_prices.h"
#include "control/controller_factory.h"
#include "cost/cost_profile.h"
#include "decisions/decision_log_reader.h"
#include "decisions/replay.h"
#include "decisions/replay_report.h"
#include "decisions/summary_report.h"

namespace turbospec::cli {
namespace {

int Fail(const Error& error) {
  std::cerr << "turbospec: " << error.message << "\n";
  return 1;
}

struct LogReading {
  DecisionLogHeader header{};
  std::string gaps{};  // for people
};

Result<LogReading> ReadAll(const std::string& path,
                           const std::function<void(const StepRecord&)>& take) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound("cannot read \"" + path + "\"");
  auto log = DecisionLogReader::Open(file, path);
  if (!log.ok()) return log.error();
  for (StepRecord record;;) {
    const auto more = log->Next(record);
    if (!more.ok()) return more.error();
    if (!*more) break;
    take(record);
  }
  return LogReading{log->header(), GapNote(*log)};
}

// The controller as it was made for the run, but for its written form.
Result<std::unique_ptr<Controller>> MakeFor(const DecisionLogHeader& run,
                                            const std::string& written,
                                            const std::string& profile_path) {
  std::optional<CostProfile> profile;
  if (!profile_path.empty()) {
    auto read = ReadProfile(profile_path);
    if (!read.ok()) return read.error();
    profile = *std::move(read);
    if (run.draft.empty()) profile->draft.reset();
  } else if (NeedsPrices(written)) {
    return InvalidArgument("the controller " + written +
                           " weighs prices: give the profile of the run with --profile FILE "
                           "(turbospec profile says where it is kept)");
  }
  auto prices = ControllerInputsOf(profile, run.slots, run.context);
  if (!prices.ok()) return prices.error();
  return MakeController(written, *prices);
}

}  // namespace

void DeclareReplay(CLI::App& app, ReplayFlags& flags) {
  app.add_option("log", flags.log, "a decision log, as --decisions writes it")->required();
  app.add_option("--controller", flags.controller,
                 "who plans now, as --speculation takes it (default: who planned then)");
  app.add_option(
      "--profile", flags.profile,
      "a cost profile, for controllers that weigh prices; the run's own repeats the run");
  app.add_flag("--each", flags.each, "one line per step that differs; with --json every step");
  app.add_flag("--json", flags.json, "print JSON");
}

int RunReplay(const ReplayFlags& flags) {
  // Twice: what passes took and tokens were worth is known only at the end.
  ReplayBasis basis;
  auto first = ReadAll(flags.log, [&](const StepRecord& record) { basis.Add(record); });
  if (!first.ok()) return Fail(first.error());
  basis.Finish();
  if (!first->gaps.empty()) {
    std::cerr << "turbospec: " << flags.log << ": " << first->gaps
              << "; a controller that learns may plan otherwise without them\n";
  }
  const std::string& recorded = first->header.controller;
  const std::string other = flags.controller.empty() ? recorded : flags.controller;
  auto controller = MakeFor(first->header, other, flags.profile);
  if (!controller.ok()) return Fail(controller.error());

  Replay replay(**controller, basis);
  auto steps = nlohmann::ordered_json::array();
  if (flags.each && !flags.json) std::cout << ReplayStepHead();
  auto second = ReadAll(flags.log, [&](const StepRecord& record) {
    const StepComparison* step = replay.Play(record);
    if (step == nullptr || !flags.each) return;
    if (flags.json) {
      steps.push_back(ReplayStepJson(*step));
    } else if (!step->identical) {
      std::cout << ReplayStepText(*step);
    }
  });
  if (!second.ok()) return Fail(second.error());
  if (flags.json) {
    auto json = ReplayJson(recorded, other, replay.totals());
    if (flags.each) json["steps_compared"] = std::move(steps);
    std::cout << json.dump(2) << "\n";
  } else {
    std::cout << ReplayText(recorded, other, replay.totals());
  }
  return 0;
}

}  // namespace turbospec::cli
