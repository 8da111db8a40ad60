// Reads a decision log step by step, in memory of one line. Strict: another version, a malformed
// line or steps out of order are errors with the line's number. A log whose last line is cut, as a
// killed process or a full disk leaves it, is read up to there and says so. One thread; borrows the
// stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "control/step_record.h"
#include "core/result.h"
#include "decisions/log_header.h"

namespace turbospec {

class DecisionLogReader {
 public:
  // Reads the header. `source` names the file in errors ("run.jsonl:12: …").
  static Result<DecisionLogReader> Open(std::istream& in, std::string source);

  const DecisionLogHeader& header() const { return header_; }

  // Fills `record` with the next step; false at the end of the log.
  Result<bool> Next(StepRecord& record);

  // Of what was read so far.
  std::int64_t steps() const { return steps_; }
  std::int64_t dropped() const { return dropped_; }
  // At the end of a log that was cut: "line 812 is cut; 810 steps read". Empty: it is whole.
  const std::string& cut() const { return cut_; }

 private:
  DecisionLogReader(std::istream& in, std::string source)
      : in_(&in), source_(std::move(source)), chunk_(1 << 16) {}

  Result<bool> NextLine();
  Error Fault(std::string_view what) const;

  std::istream* in_;
  std::string source_;
  DecisionLogHeader header_;
  std::vector<char> chunk_;
  std::string_view unread_;  // of the chunk
  std::string line_;
  std::size_t number_ = 0;
  bool ended_ = false;  // the line has its newline
  std::int64_t steps_ = 0;
  std::int64_t dropped_ = 0;
  std::int64_t last_step_ = -1;
  std::string cut_;
};

}  // namespace turbospec
