// Runs of the real engine, recorded and replayed: what a recorder writes down of the seam must be
// enough to repeat every decision of a controller that learns, whatever the engine cuts, refuses or
// loses on the way.
#include <gtest/gtest.h>

#include "control/recording_controller.h"
#include "control/seam_run_fixture.h"
#include "decisions/record_fixture.h"
#include "decisions/step_replayer.h"
#include "engine/scripted_run.h"

namespace turbospec {
namespace {

RunResult RunLearning(const Script& script, StepRecordSink* sink, RunOptions options = {}) {
  options.controller = [sink]() -> std::unique_ptr<Controller> {
    auto controller = std::make_unique<LearningController>();
    if (sink == nullptr) return controller;
    return std::make_unique<RecordingController>(std::move(controller),
                                                 std::vector<StepRecordSink*>{sink});
  };
  return RunScript(script, options);
}

// Replays what reading the log of it yields.
void ExpectReproduced(const std::vector<StepRecord>& records, std::uint64_t seed) {
  const ReadLog read = Read(LogOf(records));
  ASSERT_EQ(read.error, "") << "seed " << seed;
  ASSERT_EQ(read.records.size(), records.size());
  LearningController controller;
  StepReplayer replayer(controller);
  for (const StepRecord& record : read.records) {
    const ReplayedStep& played = replayer.Play(record);
    ASSERT_TRUE(played.identical()) << "seed " << seed << " step " << record.step;
    for (std::size_t i = 0; i < played.requests.size(); ++i) {
      ASSERT_EQ(played.requests[i].proposed(), record.requests[i].proposed);
      ASSERT_FALSE(played.requests[i].cut) << "seed " << seed << " step " << record.step;
    }
  }
}

TEST(RecordedRun, RepeatsEveryDecision) {
  std::size_t steps = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    KeptRecords kept;
    ASSERT_EQ(RunLearning(RandomScript(seed), &kept).refused, "");
    ExpectReproduced(kept.records, seed);
    steps += kept.records.size();
  }
  EXPECT_GT(steps, 1000U);
}

TEST(RecordedRun, RepeatsThemAfterFaultsOfBothModels) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    KeptRecords kept;
    RunOptions options;
    options.draft_fails = [](int call, std::span<const Row>) { return call % 3 == 1; };
    options.target_fails = [](int call, std::span<const Row>) { return call % 7 == 5; };
    RunLearning(RandomScript(seed), &kept, options);
    ExpectReproduced(kept.records, seed);
  }
}

TEST(RecordedRun, SaysTheSameAsAnUnrecordedOne) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    KeptRecords kept;
    const RunResult plain = RunLearning(RandomScript(seed), nullptr);
    const RunResult recorded = RunLearning(RandomScript(seed), &kept);
    EXPECT_EQ(plain.target_calls, recorded.target_calls);
    for (std::size_t i = 0; i < plain.received.size(); ++i) {
      EXPECT_EQ(plain.received[i].text, recorded.received[i].text);
    }
    std::int64_t committed = 0;
    for (const StepRecord& record : kept.records) committed += Committed(record);
    EXPECT_EQ(committed, recorded.statistics.decoded_tokens);
  }
}

}  // namespace
}  // namespace turbospec
