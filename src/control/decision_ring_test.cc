#include "control/decision_ring.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace turbospec {
namespace {

StepRecord Numbered(std::int64_t step) {
  StepRecord record;
  record.step = step;
  record.planned = true;
  record.requests.resize(3, {.committed = static_cast<int>(step)});
  return record;
}

std::vector<std::int64_t> StepsOf(const std::vector<StepRecord>& records) {
  std::vector<std::int64_t> steps;
  for (const StepRecord& record : records) steps.push_back(record.step);
  return steps;
}

TEST(DecisionRing, KeepsTheNewestOldestFirst) {
  DecisionRing ring(3);
  EXPECT_TRUE(ring.Snapshot(10).empty());
  for (int step = 0; step < 5; ++step) ring.Take(Numbered(step));
  EXPECT_EQ(StepsOf(ring.Snapshot(10)), (std::vector<std::int64_t>{2, 3, 4}));
  EXPECT_EQ(StepsOf(ring.Snapshot(2)), (std::vector<std::int64_t>{3, 4}));
}

TEST(DecisionRing, GivesAReturningReaderOnlyWhatIsNew) {
  DecisionRing ring(8);
  for (int step = 0; step < 5; ++step) ring.Take(Numbered(step));
  EXPECT_EQ(StepsOf(ring.Snapshot(8, /*from=*/4)), (std::vector<std::int64_t>{4}));
  EXPECT_TRUE(ring.Snapshot(8, /*from=*/5).empty());
}

TEST(DecisionRing, ReadersSeeWholeRecordsWhileTheEngineWrites) {
  DecisionRing ring(16);
  std::atomic<bool> done{false};
  std::thread engine([&] {
    for (int step = 0; step < 5000; ++step) ring.Take(Numbered(step));
    done = true;
  });
  do {
    const auto records = ring.Snapshot(16);
    for (std::size_t i = 0; i < records.size(); ++i) {
      EXPECT_EQ(records[i].step, records[0].step + static_cast<std::int64_t>(i));
      EXPECT_EQ(records[i].requests.at(2).committed, records[i].step);
    }
  } while (!done);
  engine.join();
  EXPECT_EQ(ring.Snapshot(1).at(0).step, 4999);
}

}  // namespace
}  // namespace turbospec
