// For tests of logs: records of a run over the seam, a log of them in memory, and comparison of
// records to the last bit.
#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "control/recording_controller.h"
#include "control/seam_run_fixture.h"
#include "decisions/decision_log_reader.h"
#include "decisions/step_line.h"

namespace turbospec {

struct KeptRecords final : StepRecordSink {
  void Take(const StepRecord& record) override { records.push_back(record); }
  std::vector<StepRecord> records;
};

inline std::vector<StepRecord> RecordsOf(std::unique_ptr<Controller> controller,
                                         const SeamRun& run = {}) {
  KeptRecords kept;
  RecordingController recorder(std::move(controller), {&kept});
  SeamEngine(run, recorder).Run();
  return kept.records;
}

inline DecisionLogHeader SomeHeader(std::string controller = "learning") {
  return {.controller = std::move(controller),
          .target = "target \"t\"",
          .draft = "draft",
          .started = "2026-01-02T03:04:05Z",
          .slots = 4,
          .context = 512};
}

inline std::string LogOf(const std::vector<StepRecord>& records,
                         const DecisionLogHeader& header = SomeHeader()) {
  std::string log;
  AppendHeaderLine(header, log);
  for (const StepRecord& record : records) AppendStepLine(record, log);
  return log;
}

// What reading a whole text yields: the records before the end or before the first error.
struct ReadLog {
  std::string error{};
  std::string cut{};
  std::int64_t dropped = 0;
  DecisionLogHeader header{};
  std::vector<StepRecord> records{};
};

inline ReadLog Read(const std::string& text) {
  std::istringstream in(text);
  auto reader = DecisionLogReader::Open(in, "log");
  if (!reader.ok()) return {.error = reader.error().message};
  ReadLog read{.header = reader->header()};
  for (StepRecord record;;) {
    const auto more = reader->Next(record);
    if (!more.ok()) read.error = more.error().message;
    if (!more.ok() || !*more) break;
    read.records.push_back(record);
  }
  read.cut = reader->cut();
  read.dropped = reader->dropped();
  return read;
}

}  // namespace turbospec
