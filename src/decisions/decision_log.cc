#include "decisions/decision_log.h"

#include <algorithm>
#include <utility>

#include "decisions/step_line.h"

namespace turbospec {
namespace {

// One write for many lines where the disk is slower than the engine.
constexpr std::size_t kMostBuffered = 1 << 18;

}  // namespace

DecisionLog::DecisionLog(std::unique_ptr<LogOutput> output, const DecisionLogHeader& header,
                         const DecisionLogOptions& options,
                         std::function<void(const std::string&)> note)
    : output_(std::move(output)),
      complete_(options.complete),
      note_(std::move(note)),
      queue_(std::max<std::size_t>(options.queue, 1)) {
  AppendHeaderLine(header, buffer_);
  thread_ = std::thread([this] { Write(); });
}

DecisionLog::~DecisionLog() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  arrived_.notify_one();
  thread_.join();
}

void DecisionLog::Take(const StepRecord& record) {
  {
    std::unique_lock lock(mutex_);
    if (complete_) has_room_.wait(lock, [&] { return failed_ || count_ < queue_.size(); });
    if (failed_) return;
    if (count_ == queue_.size()) {
      ++dropped_;
      return;
    }
    Entry& entry = queue_[(first_ + count_) % queue_.size()];
    entry.record = record;
    entry.dropped_before = std::exchange(dropped_, 0);
    ++count_;
  }
  arrived_.notify_one();
}

void DecisionLog::Write() {
  Flush();  // the header
  while (Next()) {
    Append();
    bool more = false;
    {
      const std::lock_guard lock(mutex_);
      more = count_ > 0;
    }
    if (!more || buffer_.size() >= kMostBuffered) Flush();
  }
  if (failed_) return;
  if (dropped_ > 0) {
    dropped_in_all_ += dropped_;
    AppendDroppedLine(dropped_, buffer_);
  }
  Flush();
  if (dropped_in_all_ > 0 && !failed_) {
    note_("decision log: " + std::to_string(dropped_in_all_) + " of " +
          std::to_string(dropped_in_all_ + written_steps_) +
          " steps are missing, because the disk did not keep up");
  }
}

// Waits for an entry and swaps it out, so that the memory of both is used again. False at the end.
bool DecisionLog::Next() {
  {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return closing_ || count_ > 0; });
    if (count_ == 0 || failed_) return false;
    std::swap(entry_, queue_[first_]);
    first_ = (first_ + 1) % queue_.size();
    --count_;
  }
  has_room_.notify_one();
  return true;
}

void DecisionLog::Append() {
  if (entry_.dropped_before > 0) {
    dropped_in_all_ += entry_.dropped_before;
    AppendDroppedLine(entry_.dropped_before, buffer_);
  }
  AppendStepLine(entry_.record, buffer_);
  ++buffered_steps_;
}

void DecisionLog::Flush() {
  if (buffer_.empty()) return;
  const Status written = output_->Write(buffer_);
  buffer_.clear();
  if (written.ok()) {
    written_steps_ += std::exchange(buffered_steps_, 0);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    failed_ = true;
  }
  has_room_.notify_one();
  note_("decision log: " + written.error().message + "; logging ends after " +
        std::to_string(written_steps_) + " steps");
}

}  // namespace turbospec
