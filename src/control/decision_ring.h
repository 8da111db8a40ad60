// The last records of a running engine, for panels that look now and then. Take is the engine
// thread's; Snapshot may be called from any thread. Both hold a lock while they copy: Take one
// record (no allocation once the ring has gone round), Snapshot those it gives away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "control/step_record.h"

namespace turbospec {

class DecisionRing final : public StepRecordSink {
 public:
  // REQUIRES capacity >= 1.
  explicit DecisionRing(std::size_t capacity);

  void Take(const StepRecord& record) override;

  // The newest records, oldest first; at most `most`, and only those of step `from` or later, so
  // that a reader who has seen step s asks for s + 1 next.
  std::vector<StepRecord> Snapshot(std::size_t most, std::int64_t from = 0) const;

 private:
  mutable std::mutex mutex_;
  std::vector<StepRecord> records_;
  std::size_t next_ = 0;   // where the next one goes
  std::size_t count_ = 0;  // records held
};

}  // namespace turbospec
