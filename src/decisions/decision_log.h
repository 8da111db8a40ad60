// Writes records to a decision log (docs/decision_log.md) from a thread of its own, so that the
// engine waits for no disk: Take copies into a bounded queue. Records that find the queue full are
// dropped, counted, and said in the log where they are missing. When the output fails, one note
// says so and nothing more is logged; the engine goes on.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "control/step_record.h"
#include "decisions/log_header.h"
#include "decisions/log_output.h"

namespace turbospec {

struct DecisionLogOptions {
  std::size_t queue = 256;  // records that may wait for the disk, at least 1
  // Take waits for room instead of dropping: for runs whose time is simulated.
  bool complete = false;
};

class DecisionLog final : public StepRecordSink {
 public:
  // `note` gets at most two messages, on the log's thread: the output failed; records were dropped.
  DecisionLog(std::unique_ptr<LogOutput> output, const DecisionLogHeader& header,
              const DecisionLogOptions& options, std::function<void(const std::string&)> note);
  // Writes what is queued.
  ~DecisionLog() override;
  DecisionLog(const DecisionLog&) = delete;
  DecisionLog& operator=(const DecisionLog&) = delete;

  // From one thread. No allocation once the queue's memory has grown.
  void Take(const StepRecord& record) override;

 private:
  struct Entry {
    std::int64_t dropped_before = 0;
    StepRecord record{};
  };

  void Write();
  bool Next();
  void Append();
  void Flush();

  const std::unique_ptr<LogOutput> output_;
  const bool complete_;
  const std::function<void(const std::string&)> note_;

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable has_room_;
  std::vector<Entry> queue_;  // a ring: `count_` entries from `first_`
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::int64_t dropped_ = 0;  // since the newest entry
  bool closing_ = false;
  bool failed_ = false;

  // The writing thread's own.
  Entry entry_;
  std::string buffer_;
  std::int64_t buffered_steps_ = 0;
  std::int64_t written_steps_ = 0;
  std::int64_t dropped_in_all_ = 0;
  std::thread thread_;
};

}  // namespace turbospec
