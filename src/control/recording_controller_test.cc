#include "control/recording_controller.h"

#include <gtest/gtest.h>

#include "control/allocation_fixture.h"
#include "control/controller_factory.h"
#include "control/seam_run_fixture.h"

namespace turbospec {
namespace {

struct Kept final : StepRecordSink {
  void Take(const StepRecord& record) override { records.push_back(record); }
  std::vector<StepRecord> records;
};

struct Last final : StepRecordSink {
  void Take(const StepRecord& record) override { copy = record; }
  StepRecord copy;
};

// One request, one step, call by call.
class OneStep : public ::testing::Test {
 protected:
  void Use(std::unique_ptr<Controller> controller) {
    recorder_ = std::make_unique<RecordingController>(std::move(controller),
                                                      std::vector<StepRecordSink*>{&kept_});
  }
  StepView View() const { return {.requests = views_, .prefill_rows = 5, .has_draft_model = true}; }
  void End(const StepView& view, Seconds total = Seconds(1)) {
    StepOutcome outcome;
    outcome.view = view;
    outcome.total = total;
    recorder_->Learn(outcome);
  }
  const StepRecord& Recorded() const { return kept_.records.back(); }

  std::vector<RequestView> views_ = {
      {.id = 7, .slot = 2, .context_length = 30, .draft_lag = 1, .max_useful = 9}};
  Kept kept_;
  std::unique_ptr<RecordingController> recorder_;
};

TEST_F(OneStep, HoldsPlanEvidenceAndOutcome) {
  Use(*MakeController("fixed:3"));
  const auto plan = recorder_->PlanDraft(View());
  EXPECT_EQ(plan.choices.at(0)[ProposerKind::kDraftModel], 3);
  const std::vector<DraftEvidence> evidence = {{.confidence = -0.25F}, {.confidence = -0.5F}};
  const std::vector<ProposalView> proposals = {{evidence}};
  recorder_->PlanVerify(View(), proposals);
  const std::vector<RequestOutcome> outcomes = {
      {.evidence = evidence, .verified = 2, .accepted = 1, .committed = 2}};
  const std::vector<PassTiming> passes = {{.sequences = 1, .rows = 1, .seconds = Seconds(0.25)}};
  recorder_->Learn({.view = View(),
                    .requests = outcomes,
                    .draft_passes = passes,
                    .target = {.rows = 3, .seconds = Seconds(0.5)},
                    .total = Seconds(1)});

  ASSERT_EQ(kept_.records.size(), 1U);
  const StepRecord& record = Recorded();
  EXPECT_EQ(record.step, 0);
  EXPECT_TRUE(record.planned);
  EXPECT_EQ(record.view.prefill_rows, 5);
  const RequestRecord& request = record.requests.at(0);
  EXPECT_EQ(request.view.id, 7U);
  EXPECT_EQ(request.draft[ProposerKind::kDraftModel], 3);
  EXPECT_EQ(request.verify.verified, 2);
  EXPECT_EQ(request.accepted, 1);
  ASSERT_EQ(record.EvidenceOf(request).size(), 2U);
  EXPECT_EQ(record.EvidenceOf(request)[1].confidence, -0.5F);
  EXPECT_EQ(record.draft_passes.at(0).seconds, Seconds(0.25));
  EXPECT_EQ(record.target.rows, 3);
  EXPECT_FALSE(record.has_decision);
}

TEST_F(OneStep, SaysWhoWasStoppedAtWhichDepth) {
  Use(std::make_unique<LearningController>());
  views_.resize(3, views_[0]);
  recorder_->PlanDraft(View());
  const std::vector<DraftEvidence> sure = {{.confidence = -0.1F}};
  const std::vector<DraftEvidence> unsure = {{.confidence = -3}};
  const std::vector<ProposalView> proposals = {{sure}, {unsure}, {unsure}};
  std::vector<char> keep = {1, 1, 0};
  recorder_->KeepDrafting(View(), proposals, 1, keep);
  EXPECT_EQ(keep, (std::vector<char>{1, 0, 0}));
  End(View());
  const KeepCall& call = Recorded().keep_calls.at(0);
  EXPECT_EQ(call.depth, 1);
  const auto answers = Recorded().AnswersOf(call);
  EXPECT_EQ(std::vector(answers.begin(), answers.end()),
            (std::vector{KeepAnswer::kKept, KeepAnswer::kStopped, KeepAnswer::kNotAsked}));
}

TEST_F(OneStep, CopiesTheDecisionBeforeItIsLearnedFrom) {
  Use(std::make_unique<LearningController>());
  recorder_->PlanDraft(View());
  End(View(), Seconds(99));
  EXPECT_TRUE(Recorded().has_decision);
  EXPECT_EQ(Recorded().decision.candidates.at(0).seconds, Seconds(0.01));
}

TEST_F(OneStep, WithoutDecodingRequestsHoldsTimesOnly) {
  Use(std::make_unique<LearningController>());
  views_.clear();
  End(View());
  EXPECT_FALSE(Recorded().planned);
  EXPECT_FALSE(Recorded().has_decision);
  EXPECT_EQ(Recorded().view.prefill_rows, 5);
}

TEST_F(OneStep, NamesRequestsThatLeftBeforeIt) {
  Use(*MakeController("off"));
  End({});
  recorder_->Forget(3);
  recorder_->Forget(5);
  EXPECT_TRUE(Recorded().forgotten.empty());
  End({});
  EXPECT_EQ(Recorded().forgotten, (std::vector<RequestId>{3, 5}));
  EXPECT_EQ(Recorded().step, 1);
}

TEST(RecordingController, PlansAsTheWrappedOneDoes) {
  Kept alone, wrapped;
  for (Kept* kept : {&alone, &wrapped}) {
    std::unique_ptr<Controller> controller = std::make_unique<LearningController>();
    if (kept == &wrapped) {
      controller = std::make_unique<RecordingController>(std::move(controller),
                                                         std::vector<StepRecordSink*>{});
    }
    RecordingController recorder(std::move(controller), {kept});
    SeamEngine({.steps = 200}, recorder).Run();
  }
  ASSERT_EQ(alone.records.size(), 200U);
  for (std::size_t s = 0; s < 200; ++s) {
    const StepRecord& a = alone.records[s];
    const StepRecord& b = wrapped.records[s];
    ASSERT_EQ(a.requests.size(), b.requests.size());
    EXPECT_EQ(a.keep, b.keep);
    for (std::size_t i = 0; i < a.requests.size(); ++i) {
      EXPECT_EQ(a.requests[i].draft.limit, b.requests[i].draft.limit);
      EXPECT_EQ(a.requests[i].verify.verified, b.requests[i].verify.verified);
    }
    EXPECT_EQ(a.decision.verify_tokens, b.decision.verify_tokens);
  }
}

// The same calls with and without a recorder differ in no allocation once memory has grown.
TEST(RecordingController, DoesNotAllocateInSteadyState) {
  std::vector<RequestView> views(8);
  for (std::size_t i = 0; i < views.size(); ++i) views[i] = {.id = i + 1, .max_useful = 9};
  const StepView view{.requests = views, .has_draft_model = true};
  const std::vector<DraftEvidence> evidence(5);
  const std::vector<ProposalView> proposals(8, ProposalView{evidence});
  const std::vector<RequestOutcome> outcomes(8, RequestOutcome{.evidence = evidence});
  const std::vector<PassTiming> passes(5);
  std::vector<char> keep(8, 1);
  const auto step = [&](Controller& controller) {
    controller.PlanDraft(view);
    for (int depth = 1; depth < 5; ++depth) {
      std::ranges::fill(keep, 1);
      controller.KeepDrafting(view, proposals, depth, keep);
    }
    controller.PlanVerify(view, proposals);
    controller.Learn({.view = view, .requests = outcomes, .draft_passes = passes});
  };
  const auto allocations_of = [&](Controller& controller) {
    for (int i = 0; i < 3; ++i) step(controller);
    const std::int64_t before = Allocations();
    for (int i = 0; i < 50; ++i) step(controller);
    return Allocations() - before;
  };
  LearningController bare;
  Last last;
  RecordingController recorder(std::make_unique<LearningController>(), {&last});
  EXPECT_EQ(allocations_of(recorder), allocations_of(bare));
  EXPECT_EQ(last.copy.evidence.size(), 40U);
}

}  // namespace
}  // namespace turbospec
