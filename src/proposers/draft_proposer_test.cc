#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/random.h"
#include "proposers/draft_proposer_fixture.h"
#include "sampling/softmax.h"

namespace turbospec {
namespace {

TEST_F(DraftProposerTest, ProposesWhatTheModelAloneWouldSay) {
  Build();
  Start(0, {1, 2, 3});
  Start(1, {4});
  Task(0, 4);
  Task(1, 2);
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(Proposed(0), Naive(0, 4));
  EXPECT_EQ(Proposed(1), Naive(1, 2));
  EXPECT_EQ(proposals[0].evidence.size(), 4u);
  EXPECT_EQ(proposals[0].q.size(), 4u);
  EXPECT_TRUE(proposals[0].q[0].empty());
}

TEST_F(DraftProposerTest, EvidenceIsTheLogOfTheLargestProbability) {
  Build();
  Start(0, {1, 2, 3});
  Task(0, 1);
  ASSERT_TRUE(Propose().ok());
  EXPECT_FLOAT_EQ(proposals[0].evidence[0].confidence,
                  LogOfLargestProbability(LogitsAfter({1, 2, 3})));
}

TEST_F(DraftProposerTest, LagIsThePromptThenOneOrTwo) {
  Build();
  Start(0, {1, 2, 3});
  EXPECT_EQ(Lag(0), 3);
  Task(0, 3);
  ASSERT_TRUE(Propose().ok());
  Commit(0, 3, 5);  // the last draft token was never fed, nor was the bonus
  EXPECT_EQ(Lag(0), 2);
  Task(0, 3);
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(passes[0].rows, 2);
  Commit(0, 1, 31);
  EXPECT_EQ(Lag(0), 1);
}

TEST_F(DraftProposerTest, LagGrowsWhileNobodyDrafts) {
  Build();
  Start(0, {1, 2, 3});
  Commit(0, 0, 7);
  Commit(0, 0, 8);
  EXPECT_EQ(Lag(0), 5);
  EXPECT_EQ(model->forward_calls(), 0);
}

TEST_F(DraftProposerTest, ABonusThatEqualsAnUnverifiedDraftTokenIsFedAgain) {
  Build();
  Start(0, {1, 2, 3});
  Task(0, 4);
  ASSERT_TRUE(Propose().ok());
  Commit(0, 1, TokenId{Proposed(0)[1]});
  EXPECT_EQ(Lag(0), 1);
  Task(0, 2);
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(Proposed(0), Naive(0, 2));
}

TEST_F(DraftProposerTest, TheNextPromptReusesWhatItShares) {
  Build();
  Start(0, {1, 2, 3, 4});
  Task(0, 1);
  ASSERT_TRUE(Propose().ok());
  proposer->Finish(0);
  Start(0, {1, 2, 3, 9, 9});
  EXPECT_EQ(Lag(0), 2);
  Task(0, 2);
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(passes[0].rows, 2);
  EXPECT_EQ(Proposed(0), Naive(0, 2));
  Start(0, {1, 2, 3});
  EXPECT_EQ(Lag(0), 1);
}

TEST_F(DraftProposerTest, GoesOnFromALookup) {
  Build();
  Start(0, {1, 2, 3});
  Task(0, 5, {6, 7});
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(Proposed(0), Naive(0, 5, {6, 7}));
  EXPECT_EQ(passes.size(), 3u);
  EXPECT_EQ(proposals[0].evidence[1].proposer, ProposerKind::kPromptLookup);
  EXPECT_EQ(proposals[0].evidence[2].proposer, ProposerKind::kDraftModel);
}

TEST_F(DraftProposerTest, ATaskAtItsLimitCostsNothing) {
  Build();
  Start(0, {1, 2, 3});
  Task(0, 2, {6, 7});
  ASSERT_TRUE(Propose().ok());
  EXPECT_TRUE(passes.empty());
  EXPECT_EQ(Proposed(0), (Tokens{6, 7}));
}

TEST_F(DraftProposerTest, KeepIsParallelToTheTasksAndStopsThem) {
  Build();
  for (SlotId slot = 0; slot < 3; ++slot) Start(slot, {1, 2, slot});
  Task(0, 4);
  Task(1, 4);
  Task(2, 1);
  std::vector<std::string> asked;
  ASSERT_TRUE(Propose([&](int depth, std::span<char> keep) {
                std::string line = std::to_string(depth) + ":";
                for (const char k : keep) line += k != 0 ? '1' : '0';
                asked.push_back(line);
                if (depth == 1) keep[1] = 0;
                keep[2] = 1;  // cannot bring back what is at its limit
              }).ok());
  EXPECT_EQ(asked, (std::vector<std::string>{"1:110", "2:100", "3:100"}));
  EXPECT_EQ(Proposed(0), Naive(0, 4));
  EXPECT_EQ(Proposed(1), Naive(1, 1));
  EXPECT_EQ(Proposed(2), Naive(2, 1));
}

TEST_F(DraftProposerTest, AStopInTheMiddleLeavesAGappedBatch) {
  Build();
  for (SlotId slot = 0; slot < 3; ++slot) Start(slot, {1, 2, slot});
  Task(0, 2);
  Task(1, 1);
  Task(2, 2);
  ASSERT_TRUE(Propose().ok());
  ASSERT_EQ(passes.size(), 2u);
  EXPECT_EQ(passes[0].passes, 1);
  EXPECT_EQ(passes[1].passes, 2);
  EXPECT_EQ(passes[1].sequences, 2);
  EXPECT_EQ(Proposed(2), Naive(2, 2));
}

TEST_F(DraftProposerTest, DraftsUpToTheEndOfItsContext) {
  model_options.context_per_slot = 6;
  Build();
  Start(0, {1, 2, 3, 4});
  Start(1, {1, 2, 3, 4, 5, 6});
  Start(2, {1, 2, 3, 4, 5, 6, 7});
  for (SlotId slot = 0; slot < 3; ++slot) Task(slot, 8);
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(Proposed(0), Naive(0, 3));
  EXPECT_EQ(Proposed(1), Naive(1, 1));
  EXPECT_EQ(Proposed(2), Tokens{});
}

TEST_F(DraftProposerTest, TheRowLimitCutsAPassInPieces) {
  model_options.max_rows_per_forward = 3;
  Build();
  for (SlotId slot = 0; slot < 5; ++slot) {
    Start(slot, {1, 2, slot});
    Task(slot, 2);
  }
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(passes.size(), 7u);  // 15 rows, then 5
  for (SlotId slot = 0; slot < 5; ++slot) EXPECT_EQ(Proposed(slot), Naive(slot, 2));
}

TEST_F(DraftProposerTest, DrawsFromTheTransformedDistributionAndKeepsIt) {
  Build();
  Start(0, {1, 2, 3});
  const SamplingParameters sampling{.temperature = 0.9, .top_k = 5};
  RandomStream random(4);
  RandomStream same = random;
  ProposalTask& task = Task(0, 3);
  task.sampling = &sampling;
  task.random = &random;
  ASSERT_TRUE(Propose().ok());
  Tokens context = committed[0];
  Distribution q;
  for (std::size_t j = 0; j < 3; ++j) {
    const std::vector<float> logits = LogitsAfter(context);
    Transform(logits, sampling, q);
    EXPECT_EQ(proposals[0].q[j].tokens, q.tokens);
    EXPECT_EQ(proposals[0].q[j].probabilities, q.probabilities);
    EXPECT_EQ(proposals[0].tokens[j], Draw(q, same.Uniform()));
    EXPECT_FLOAT_EQ(proposals[0].evidence[j].confidence, LogOfLargestProbability(logits));
    context.push_back(proposals[0].tokens[j]);
  }
}

TEST_F(DraftProposerTest, IgnoresLogitsOfTokensTheTargetDoesNotKnow) {
  options.vocabulary_size = 4;
  Build();
  Start(0, {1, 2, 3});
  Task(0, 8);
  ASSERT_TRUE(Propose().ok());
  for (const TokenId token : Proposed(0)) EXPECT_LT(token, 4);
}

TEST_F(DraftProposerTest, SkipsARequestWithTokensTheDraftDoesNotKnow) {
  Build();
  Start(0, {1, 2, 99});
  Start(1, {1, 2});
  Task(0, 2);
  Task(1, 2);
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(Proposed(0), Tokens{});
  EXPECT_EQ(Proposed(1), Naive(1, 2));
}

TEST_F(DraftProposerTest, TimesEveryForward) {
  Build();
  Start(0, {1, 2, 3});
  Start(1, {1, 2, 3});
  Task(0, 2);
  Task(1, 2);
  ASSERT_TRUE(Propose().ok());
  ASSERT_EQ(passes.size(), 2u);
  EXPECT_EQ(passes[0].sequences, 2);
  EXPECT_EQ(passes[0].rows, 6);
  EXPECT_DOUBLE_EQ(passes[0].mean_context, 2);  // rows attend to 1, 2 and 3 tokens
  EXPECT_DOUBLE_EQ(passes[1].mean_context, 4);
  EXPECT_DOUBLE_EQ(passes[0].seconds.count(), 1.0);  // two rows of logits at half a second
}

TEST_F(DraftProposerTest, AFailedPassEmptiesItsSlotsAndKeepsWhatWasComplete) {
  Build();
  Start(0, {1, 2, 3});
  Start(1, {1, 2, 4});
  Task(0, 4);
  Task(1, 2);
  const Status status = Propose([&](int depth, std::span<char>) { fail = depth == 2; });
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("injected fault"), std::string::npos);
  EXPECT_EQ(Proposed(0), Naive(0, 2));
  EXPECT_EQ(Proposed(1), Naive(1, 2));
  EXPECT_EQ(proposals[0].evidence.size(), 2u);
  EXPECT_EQ(passes.size(), 2u);
  EXPECT_EQ(model->Length(0), 0);
  EXPECT_EQ(Lag(0), 3);
  EXPECT_GT(model->Length(1), 0);  // had stopped before
  fail = false;
  Task(0, 4);
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(Proposed(0), Naive(0, 4));
}

TEST_F(DraftProposerTest, MemoryThatCannotBeCutIsFedAnew) {
  model_options.can_truncate = false;
  Build();
  Start(0, {1, 2, 3});
  Task(0, 3);
  ASSERT_TRUE(Propose().ok());
  Commit(0, 0, 30);
  EXPECT_EQ(Lag(0), 4);
  Task(0, 3);
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(Proposed(0), Naive(0, 3));
}

TEST(DraftProposerOptions, RefusesWhatCannotWork) {
  EXPECT_TRUE(Validate(DraftProposerOptions{}).ok());
  EXPECT_FALSE(Validate(DraftProposerOptions{.steady_rows = 0}).ok());
  EXPECT_FALSE(Validate(DraftProposerOptions{.catch_up_rows = 0}).ok());
  EXPECT_FALSE(Validate(DraftProposerOptions{.vocabulary_size = -1}).ok());
}

}  // namespace
}  // namespace turbospec
