#include "cli/explain_command.h"

#include <deque>
#include <fstream>
#include <iostream>

#include "decisions/decision_log_reader.h"
#include "decisions/log_summary.h"
#include "decisions/step_report.h"
#include "decisions/summary_report.h"

namespace turbospec::cli {
namespace {

int Fail(const Error& error) {
  std::cerr << "turbospec: " << error.message << "\n";
  return 1;
}

Status ExplainStep(const ExplainFlags& flags, DecisionLogReader& log) {
  for (StepRecord record;;) {
    const auto more = log.Next(record);
    if (!more.ok()) return more.error();
    if (!*more) break;
    if (record.step != flags.step) continue;
    if (flags.json) {
      std::cout << StepJson(record).dump(2) << "\n";
    } else {
      std::cout << StepText(record);
    }
    return Ok();
  }
  return NotFound(flags.log + " has no step " + std::to_string(flags.step) + "; " +
                  std::to_string(log.steps()) + " steps were read");
}

Status Summarise(const ExplainFlags& flags, DecisionLogReader& log) {
  LogSummary summary;
  std::deque<StepRecord> newest;
  for (StepRecord record;;) {
    const auto more = log.Next(record);
    if (!more.ok()) return more.error();
    if (!*more) break;
    if (flags.last == 0) {
      summary.Take(record);
      continue;
    }
    newest.push_back(record);
    if (static_cast<std::int64_t>(newest.size()) > flags.last) newest.pop_front();
  }
  for (const StepRecord& record : newest) summary.Take(record);
  const std::string gaps = GapNote(log);
  if (!gaps.empty()) std::cerr << "turbospec: " << flags.log << ": " << gaps << "\n";
  if (flags.json) {
    auto json = SummaryJson(log.header(), summary);
    json["missing_steps"] = log.dropped();
    json["cut"] = !log.cut().empty();
    std::cout << json.dump(2) << "\n";
  } else {
    std::cout << SummaryText(log.header(), summary);
  }
  return Ok();
}

}  // namespace

void DeclareExplain(CLI::App& app, ExplainFlags& flags) {
  app.add_option("log", flags.log, "a decision log, as --decisions writes it")->required();
  CLI::Option* step =
      app.add_option("--step", flags.step, "explain this step")->check(CLI::NonNegativeNumber);
  app.add_option("--last", flags.last, "summary of so many steps at the end only")
      ->check(CLI::PositiveNumber)
      ->excludes(step);
  app.add_flag("--json", flags.json, "print JSON");
}

int RunExplain(const ExplainFlags& flags) {
  std::ifstream file(flags.log, std::ios::binary);
  if (!file) return Fail(NotFound("cannot read \"" + flags.log + "\""));
  auto log = DecisionLogReader::Open(file, flags.log);
  if (!log.ok()) return Fail(log.error());
  const Status said = flags.step >= 0 ? ExplainStep(flags, *log) : Summarise(flags, *log);
  return said.ok() ? 0 : Fail(said.error());
}

}  // namespace turbospec::cli
