#include "control/decision_ring.h"

#include <algorithm>
#include <cassert>

namespace turbospec {

DecisionRing::DecisionRing(std::size_t capacity) : records_(capacity) {
  assert(capacity >= 1);
}

void DecisionRing::Take(const StepRecord& record) {
  const std::lock_guard lock(mutex_);
  records_[next_] = record;
  next_ = (next_ + 1) % records_.size();
  count_ = std::min(count_ + 1, records_.size());
}

std::vector<StepRecord> DecisionRing::Snapshot(std::size_t most, std::int64_t from) const {
  std::vector<StepRecord> newest;
  const std::lock_guard lock(mutex_);
  const std::size_t taken = std::min(most, count_);
  for (std::size_t back = taken; back > 0; --back) {
    const StepRecord& record = records_[(next_ + records_.size() - back) % records_.size()];
    if (record.step >= from) newest.push_back(record);
  }
  return newest;
}

}  // namespace turbospec
