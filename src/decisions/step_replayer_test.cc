// How a replayed controller meets a log: what it sees, and what is unknown to it.
#include "decisions/step_replayer.h"

#include <gtest/gtest.h>

#include <functional>

#include "control/controller_factory.h"
#include "decisions/record_fixture.h"

namespace turbospec {
namespace {

// Answers as the test says and remembers what it was shown.
class Scripted final : public Controller {
 public:
  std::string_view name() const override { return "scripted"; }
  DraftPlan PlanDraft(const StepView& step) override {
    seen.push_back("plan " + std::to_string(step.requests.size()));
    return {std::vector<DraftChoice>(step.requests.size(), plan)};
  }
  void KeepDrafting(const StepView&, std::span<const ProposalView> proposals, int depth,
                    std::span<char> keep) override {
    seen.push_back("keep " + std::to_string(proposals[0].length()));
    if (depth >= stop_at) keep[0] = 0;
  }
  VerifyPlan PlanVerify(const StepView&, std::span<const ProposalView> proposals) override {
    seen.push_back("verify " + std::to_string(proposals[0].length()));
    return {{VerifyChoice{.verified = 99}}};
  }
  void Learn(const StepOutcome& outcome) override {
    seen.push_back("learn " + std::to_string(outcome.requests[0].accepted));
  }
  void Forget(RequestId id) override { seen.push_back("forget " + std::to_string(id)); }

  DraftChoice plan{};
  int stop_at = 99;
  std::vector<std::string> seen;
};

constexpr DraftEvidence kCopied{.proposer = ProposerKind::kPromptLookup, .match_length = 2};
constexpr DraftEvidence kDrafted{.confidence = -0.5F};

class OneRecordedStep : public ::testing::Test {
 protected:
  OneRecordedStep() {
    record_.planned = true;
    record_.view.has_lookup = record_.view.has_draft_model = true;
    record_.requests = {{.view = {.id = 1, .max_useful = 20}}};
  }
  void Recorded(DraftChoice plan, std::vector<DraftEvidence> evidence, std::string keep) {
    RequestRecord& request = record_.requests[0];
    request.draft = plan;
    request.proposed = static_cast<int>(evidence.size());
    request.verified = request.proposed;
    request.verify.verified = 99;
    record_.evidence = std::move(evidence);
    for (const char answer : keep) {
      const auto depth = static_cast<int>(record_.keep.size()) + 1;
      record_.keep_calls.push_back({.depth = depth, .first = record_.keep.size()});
      record_.keep.push_back(static_cast<KeepAnswer>(answer));
    }
  }
  const ReplayedRequest& Plays(DraftChoice plan, int stop_at = 99) {
    controller_.plan = plan;
    controller_.stop_at = stop_at;
    step_ = StepReplayer(controller_).Play(record_);
    return step_.requests.at(0);
  }

  StepRecord record_;
  Scripted controller_;
  ReplayedStep step_;
};

using Strings = std::vector<std::string>;

TEST_F(OneRecordedStep, IsShownCallByCallAsItWas) {
  Recorded({{0, 3}}, {kDrafted, kDrafted, kDrafted}, "++");
  record_.forgotten = {9};
  const ReplayedRequest& played = Plays({{0, 3}});
  EXPECT_EQ(controller_.seen,
            (Strings{"forget 9", "plan 1", "keep 1", "keep 2", "verify 3", "learn 0"}));
  EXPECT_TRUE(step_.identical());
  EXPECT_EQ(played.proposed(), 3);
  EXPECT_FALSE(played.cut);
}

TEST_F(OneRecordedStep, AShallowerPlanSeesOnlyItsOwnTokens) {
  Recorded({{0, 3}}, {kDrafted, kDrafted, kDrafted}, "++");
  EXPECT_EQ(Plays({{0, 2}}).proposed(), 2);
  EXPECT_EQ(controller_.seen, (Strings{"plan 1", "keep 1", "verify 2", "learn 0"}));
  EXPECT_FALSE(step_.same_draft);
  EXPECT_FALSE(step_.requests[0].cut);
}

TEST_F(OneRecordedStep, ADeeperPlanIsCutWhereTheLogEnds) {
  Recorded({{0, 2}}, {kDrafted, kDrafted}, "+");
  const ReplayedRequest& played = Plays({{0, 5}});
  EXPECT_EQ(played.proposed(), 2);
  EXPECT_TRUE(played.cut);
  // It was asked at the end of what is known, and wanted more.
  EXPECT_EQ(controller_.seen, (Strings{"plan 1", "keep 1", "keep 2", "verify 2", "learn 0"}));
}

TEST_F(OneRecordedStep, ADeeperPlanThatStopsInTimeIsNotCut) {
  Recorded({{0, 2}}, {kDrafted, kDrafted}, "+");
  EXPECT_FALSE(Plays({{0, 5}}, /*stop_at=*/2).cut);
}

TEST_F(OneRecordedStep, WhatTheEngineDidNotGiveIsNotWanting) {
  // Planned 5 and never stopped, but only 2 came: the batch was full, or the draft failed.
  Recorded({{0, 5}}, {kDrafted, kDrafted}, "+");
  EXPECT_FALSE(Plays({{0, 7}}).cut);
  Recorded({{0, 5}}, {}, "");
  EXPECT_FALSE(Plays({{0, 7}}).cut);
}

TEST_F(OneRecordedStep, GoingOnWhereTheLogStoppedIsCut) {
  Recorded({{0, 5}}, {kDrafted, kDrafted}, "+-");
  const ReplayedRequest& played = Plays({{0, 5}});
  EXPECT_TRUE(played.cut);
  EXPECT_TRUE(step_.same_draft);
  EXPECT_FALSE(step_.same_keep);
}

TEST_F(OneRecordedStep, StoppingEarlierHidesTheRest) {
  Recorded({{0, 5}}, {kDrafted, kDrafted, kDrafted}, "++-");
  EXPECT_EQ(Plays({{0, 5}}, /*stop_at=*/1).proposed(), 1);
  EXPECT_FALSE(step_.same_keep);
  EXPECT_FALSE(step_.requests[0].cut);
}

TEST_F(OneRecordedStep, DraftingWhereTheLogDidNotIsUnknown) {
  Recorded({{0, 0}}, {}, "");
  EXPECT_TRUE(Plays({{0, 3}}).cut);
  EXPECT_EQ(step_.requests[0].proposed(), 0);
}

TEST_F(OneRecordedStep, DraftTokensAfterOtherCopiedOnesAreUnknown) {
  record_.requests[0].view.lookup = {.length = 2, .occurrences = 1, .available = 10};
  Recorded({{2, 4}}, {kCopied, kCopied, kDrafted, kDrafted}, "+");
  const ReplayedRequest& played = Plays({{1, 4}});
  EXPECT_EQ(played.copied, 1);
  EXPECT_EQ(played.drafted, 0);
  EXPECT_TRUE(played.cut);
  EXPECT_FALSE(Plays({{1, 0}}).cut);
  EXPECT_TRUE(Plays({{5, 0}}).cut);
}

TEST_F(OneRecordedStep, AMissingProposerIsNotWanting) {
  record_.view.has_draft_model = false;
  Recorded({{0, 0}}, {}, "");
  EXPECT_FALSE(Plays({{0, 3}}).cut);
  EXPECT_FALSE(Plays({{3, 0}}).cut);  // nothing matches
}

void ExpectReproduced(const std::function<std::unique_ptr<Controller>()>& make) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto records = RecordsOf(make(), {.seed = seed, .steps = 60});
    const ReadLog read = Read(LogOf(records));
    ASSERT_EQ(read.records.size(), records.size());
    const auto again = make();
    StepReplayer replayer(*again);
    for (const StepRecord& record : read.records) {
      const ReplayedStep& played = replayer.Play(record);
      ASSERT_TRUE(played.identical()) << "seed " << seed << " step " << record.step;
      for (std::size_t i = 0; i < played.requests.size(); ++i) {
        ASSERT_EQ(played.requests[i].proposed(), record.requests[i].proposed);
        ASSERT_FALSE(played.requests[i].cut) << "seed " << seed << " step " << record.step;
      }
    }
  }
}

TEST(ReplayOf, ALearningControllerIsReproducedDecisionForDecision) {
  ExpectReproduced([] { return std::make_unique<LearningController>(); });
}

TEST(ReplayOf, HandChosenLengthsAreReproduced) {
  for (const char* written : {"off", "fixed:3", "fixed:lookup=5", "fixed:lookup=2,draft=4"}) {
    ExpectReproduced([&] { return *MakeController(written); });
  }
}

// Learns nothing of a step before it has planned it: a controller that is shown a changed outcome
// of the last step plans all steps as before.
TEST(ReplayOf, APlanKnowsEarlierStepsOnly) {
  auto records = RecordsOf(std::make_unique<LearningController>(), {.steps = 60});
  StepRecord& last = records.back();
  ASSERT_TRUE(last.planned);
  for (RequestRecord& request : last.requests) request.accepted = 0, request.committed = 1;
  last.total = Seconds(5);
  LearningController controller;
  StepReplayer replayer(controller);
  for (const StepRecord& record : records) EXPECT_TRUE(replayer.Play(record).identical());
}

}  // namespace
}  // namespace turbospec
