#include "decisions/decision_log_reader.h"

#include <utility>

#include "decisions/step_line_reader.h"

namespace turbospec {
namespace {

// A step of 1,024 requests with 16 draft tokens each takes about half a megabyte.
constexpr std::size_t kMostLineBytes = 1 << 24;

}  // namespace

Result<DecisionLogReader> DecisionLogReader::Open(std::istream& in, std::string source) {
  DecisionLogReader reader(in, std::move(source));
  auto more = reader.NextLine();
  if (!more.ok()) return more.error();
  if (!*more) return InvalidArgument(reader.source_ + ": the file is empty");
  auto header = ReadHeaderLine(reader.line_);
  if (!header.ok()) return Error{header.error().code, reader.Fault(header.error().message).message};
  reader.header_ = *std::move(header);
  return reader;
}

Result<bool> DecisionLogReader::Next(StepRecord& record) {
  for (;;) {
    auto more = NextLine();
    if (!more.ok() || !*more) return more;
    StepLine read;
    const Status understood = ReadStepLine(line_, read, record);
    if (!read.is_json && !ended_) {
      cut_ =
          "line " + std::to_string(number_) + " is cut; " + std::to_string(steps_) + " steps read";
      return false;
    }
    if (!understood.ok()) return Fault(understood.error().message);
    if (read.dropped > 0) {
      dropped_ += read.dropped;
      continue;
    }
    if (record.step <= last_step_) {
      return Fault("step " + std::to_string(record.step) + " comes after step " +
                   std::to_string(last_step_));
    }
    last_step_ = record.step;
    ++steps_;
    return true;
  }
}

Result<bool> DecisionLogReader::NextLine() {
  line_.clear();
  ended_ = false;
  ++number_;
  while (!ended_) {
    if (unread_.empty()) {
      if (!in_->good()) break;
      in_->read(chunk_.data(), static_cast<std::streamsize>(chunk_.size()));
      if (in_->bad()) return Fault("the file cannot be read further");
      unread_ = {chunk_.data(), static_cast<std::size_t>(in_->gcount())};
      continue;
    }
    const std::size_t end = unread_.find('\n');
    ended_ = end != std::string_view::npos;
    line_ += unread_.substr(0, end);
    unread_.remove_prefix(ended_ ? end + 1 : unread_.size());
    if (line_.size() > kMostLineBytes) return Fault("the line is too long for a step");
  }
  return ended_ || !line_.empty();
}

Error DecisionLogReader::Fault(std::string_view what) const {
  return InvalidArgument(source_ + ":" + std::to_string(number_) + ": " + std::string(what));
}

}  // namespace turbospec
