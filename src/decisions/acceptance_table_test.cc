#include "decisions/acceptance_table.h"

#include <gtest/gtest.h>

#include "decisions/record_fixture.h"
#include "decisions/replay_tokens.h"

namespace turbospec {
namespace {

constexpr DraftEvidence kCopied{.proposer = ProposerKind::kPromptLookup, .match_length = 2};
constexpr DraftEvidence kDrafted{.confidence = -0.5F};

// One step of one request.
StepRecord Step(std::vector<DraftEvidence> evidence, int verified, int accepted, int committed) {
  StepRecord record;
  record.planned = true;
  record.evidence = std::move(evidence);
  record.requests = {{.proposed = static_cast<int>(record.evidence.size()),
                      .verified = verified,
                      .accepted = accepted,
                      .committed = committed}};
  return record;
}
StepRecord Drafts(int proposed, int verified, int accepted, int committed) {
  return Step(std::vector(static_cast<std::size_t>(proposed), kDrafted), verified, accepted,
              committed);
}
int Labels(int verified, int accepted, int committed) {
  return LabelsOf(Drafts(8, verified, accepted, committed).requests[0]);
}

TEST(Labels, EndWithTheFirstRejection) {
  EXPECT_EQ(Labels(/*verified=*/4, /*accepted=*/1, /*committed=*/2), 2);
  EXPECT_EQ(Labels(4, 0, 1), 1);
}

TEST(Labels, OfAcceptedTokensOnlyWhereNothingWasRejected) {
  EXPECT_EQ(Labels(3, 3, 4), 3);
  EXPECT_EQ(Labels(0, 0, 1), 0);
}

TEST(Labels, AStopIsNoRejection) {
  EXPECT_EQ(Labels(4, 2, 2), 2);
}

TEST(Labels, AFailedRequestHasNone) {
  StepRecord record = Drafts(4, 4, 0, 1);
  record.requests[0].failed = true;
  EXPECT_EQ(LabelsOf(record.requests[0]), 0);
}

TEST(AcceptanceTable, IsNotFooledByWhatWasNeverTried) {
  AcceptanceTable table;
  // Always 1 of 5 accepted: place 1 holds always, place 2 never, places 3 to 5 are unknown.
  for (int i = 0; i < 10; ++i) table.Add(Drafts(5, 5, 1, 2));
  const ProposerAcceptance& draft = table.of(ProposerKind::kDraftModel);
  EXPECT_EQ(draft.tried_at, (std::vector<std::int64_t>{10, 10}));
  EXPECT_EQ(draft.accepted_at, (std::vector<std::int64_t>{10, 0}));
  EXPECT_EQ(draft.proposals, 10);
  EXPECT_EQ(draft.verified, 50);
  EXPECT_EQ(draft.accepted, 10);
}

TEST(AcceptanceTable, TellsProposersOfOneProposalApart) {
  AcceptanceTable table;
  table.Add(Step({kCopied, kCopied, kDrafted, kDrafted}, 4, 3, 4));
  EXPECT_EQ(table.of(ProposerKind::kPromptLookup).accepted, 2);
  EXPECT_EQ(table.of(ProposerKind::kDraftModel).accepted, 1);
  EXPECT_EQ(table.of(ProposerKind::kDraftModel).tried_at, (std::vector<std::int64_t>{0, 0, 1, 1}));
  EXPECT_EQ(table.of(ProposerKind::kPromptLookup).proposals, 1);
}

TEST(AcceptanceTable, DrawsThinEvidenceToTheRateOfAllPlaces) {
  AcceptanceTable table;
  EXPECT_DOUBLE_EQ(table.Conditional(ProposerKind::kDraftModel, 1), 0.5);
  for (int i = 0; i < 100; ++i) table.Add(Drafts(1, 1, 1, 2));
  const double pooled = (100 + 4 * 0.5) / 104;
  EXPECT_DOUBLE_EQ(table.Conditional(ProposerKind::kDraftModel, 7), pooled);
  EXPECT_DOUBLE_EQ(table.Conditional(ProposerKind::kDraftModel, 1), (100 + 4 * pooled) / 104);
}

class Commits : public ::testing::Test {
 protected:
  // All of `table`'s rates are one half.
  double If(int verified) {
    return CommitsIfVerified(record_, record_.requests[0], verified, table_).tokens;
  }
  StepRecord record_;
  AcceptanceTable table_;
};

TEST_F(Commits, FollowTheLabelsWhereThereAreAny) {
  record_ = Drafts(6, 4, 2, 3);
  EXPECT_DOUBLE_EQ(If(0), 1);
  EXPECT_DOUBLE_EQ(If(1), 2);
  EXPECT_DOUBLE_EQ(If(2), 3);
  EXPECT_DOUBLE_EQ(If(3), 3);
  EXPECT_DOUBLE_EQ(If(6), 3);  // beyond a rejection nothing comes
}

TEST_F(Commits, GoOnByRatesWhereAllWasAccepted) {
  record_ = Drafts(6, 2, 2, 3);
  EXPECT_DOUBLE_EQ(If(3), 3.5);
  EXPECT_DOUBLE_EQ(If(4), 3.75);
  EXPECT_DOUBLE_EQ(CommitsIfVerified(record_, record_.requests[0], 4, table_).estimated, 0.75);
  record_ = Drafts(6, 0, 0, 1);
  EXPECT_DOUBLE_EQ(If(1), 1.5);
}

TEST_F(Commits, NeverPassAStopOrAFailure) {
  record_ = Drafts(6, 4, 2, 2);
  EXPECT_DOUBLE_EQ(If(6), 2);
  EXPECT_DOUBLE_EQ(If(1), 2);
  EXPECT_DOUBLE_EQ(If(0), 1);
  record_.requests[0].failed = true;
  record_.requests[0].committed = 0;
  EXPECT_DOUBLE_EQ(If(1), 0);
}

}  // namespace
}  // namespace turbospec
