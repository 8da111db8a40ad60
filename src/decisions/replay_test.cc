#include "decisions/replay.h"

#include <gtest/gtest.h>

#include "control/controller_factory.h"
#include "decisions/record_fixture.h"
#include "decisions/replay_report.h"

namespace turbospec {
namespace {

ReplayTotals Totals(const std::vector<StepRecord>& records, std::unique_ptr<Controller> other) {
  ReplayBasis basis;
  for (const StepRecord& record : records) basis.Add(record);
  basis.Finish();
  Replay replay(*other, basis);
  for (const StepRecord& record : records) replay.Play(record);
  return replay.totals();
}

TEST(Replay, OfTheSameControllerDiffersInNothing) {
  const auto records = RecordsOf(std::make_unique<LearningController>(), {.steps = 200});
  const ReplayTotals t = Totals(records, std::make_unique<LearningController>());
  EXPECT_GT(t.steps, 150);
  EXPECT_EQ(t.identical, t.steps);
  EXPECT_EQ(t.cut_requests, 0);
  EXPECT_EQ(t.shapes, t.measured_shapes);
  EXPECT_DOUBLE_EQ(t.recorded.tokens, t.other.tokens);
  EXPECT_DOUBLE_EQ(t.recorded.seconds.count(), t.other.seconds.count());
  EXPECT_DOUBLE_EQ(t.estimated_tokens, 0);
  const std::string text = ReplayText("learning", "learning", t);
  EXPECT_NE(text.find("difference in goodput +0.0%"), std::string::npos) << text;
}

TEST(Replay, OfNotSpeculatingCommitsOneTokenPerRequestAndSavesTheDraft) {
  const auto records = RecordsOf(*MakeController("fixed:draft=3"), {.steps = 200});
  const ReplayTotals t = Totals(records, *MakeController("off"));
  std::int64_t alive = 0;
  int draft_rows = 0;
  Seconds drafting{0};
  for (const StepRecord& record : records) {
    for (const RequestRecord& request : record.requests) {
      alive += request.failed ? 0 : 1;
      draft_rows += request.verified + request.verify.padding;
    }
    for (const PassTiming& pass : record.draft_passes) drafting += pass.seconds;
  }
  EXPECT_DOUBLE_EQ(t.other.tokens, static_cast<double>(alive));
  EXPECT_EQ(t.other.verified, 0);
  EXPECT_EQ(t.cut_requests, 0);
  // The fixture's target passes cost 5 ms and 0.7 ms a row; verified rows and padding are saved.
  const double saved = t.recorded.seconds.count() - t.other.seconds.count();
  EXPECT_NEAR(saved, drafting.count() + 7e-4 * draft_rows, 1e-3 * saved);
}

TEST(Replay, OfAShallowerLengthFollowsTheLabels) {
  const auto records = RecordsOf(*MakeController("fixed:draft=4"), {.steps = 200});
  const ReplayTotals t = Totals(records, *MakeController("fixed:draft=2"));
  EXPECT_EQ(t.cut_requests, 0);
  EXPECT_DOUBLE_EQ(t.estimated_tokens, 0);
  double tokens = 0;
  for (const StepRecord& record : records) {
    for (const RequestRecord& request : record.requests) {
      tokens += std::min(request.committed, std::min(request.accepted, 2) + 1);
    }
  }
  EXPECT_DOUBLE_EQ(t.other.tokens, tokens);
  EXPECT_LT(t.other.depth, t.recorded.depth);
}

TEST(Replay, OfADeeperLengthCountsWhatItCannotKnow) {
  const auto records = RecordsOf(*MakeController("fixed:draft=1"), {.steps = 100});
  const ReplayTotals t = Totals(records, *MakeController("fixed:draft=4"));
  EXPECT_GT(t.cut_requests, t.requests / 2);
  EXPECT_DOUBLE_EQ(t.other.tokens, t.recorded.tokens);
  const std::string text = ReplayText("fixed:draft=1", "fixed:draft=4", t);
  EXPECT_NE(text.find("wanted draft tokens that were not drafted"), std::string::npos) << text;
}

TEST(Replay, SaysWhenItsPricesAreGuesses) {
  // One slot, no prompts beside it: one shape of the target pass is all that was measured.
  auto records = RecordsOf(*MakeController("fixed:draft=2"), {.steps = 100, .slots = 1});
  std::erase_if(records, [](const StepRecord& record) {
    return record.requests.size() != 1 || record.requests[0].verified != 2 ||
           record.view.prefill_rows > 0;
  });
  ASSERT_GT(records.size(), 5U);
  const ReplayTotals t = Totals(records, *MakeController("off"));
  EXPECT_EQ(t.measured_shapes, 0);
  const std::string text = ReplayText("fixed:draft=2", "off", t);
  EXPECT_NE(text.find("too few shapes were measured"), std::string::npos) << text;
  EXPECT_NE(text.find("0.0% of the shapes were measured in this log"), std::string::npos) << text;
}

}  // namespace
}  // namespace turbospec
