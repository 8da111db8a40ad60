// How the draft follows texts that it has not seen: lags made equal, catching up, beginning anew.
#include <gtest/gtest.h>

#include <algorithm>

#include "proposers/draft_proposer_fixture.h"

namespace turbospec {
namespace {

class LagsOfOneAndTwo : public DraftProposerTest {
 protected:
  // Two requests; `second` accepts its whole proposal and lags by two, slot 0 lags by one.
  void Prepare(SlotId second) {
    Build();
    for (const SlotId slot : {SlotId{0}, second}) {
      Start(slot, {1, 2, 3, 4});
      Task(slot, 2);
    }
    ASSERT_TRUE(Propose().ok());
    Commit(0, 0, 30);
    Commit(second, 2, 31);
    ASSERT_EQ(Lag(0), 1);
    ASSERT_EQ(Lag(second), 2);
    Task(0, 2);
    Task(second, 2);
    ASSERT_TRUE(Propose().ok());
    EXPECT_EQ(Proposed(0), Naive(0, 2));
    EXPECT_EQ(Proposed(second), Naive(second, 2));
  }
};

TEST_F(LagsOfOneAndTwo, AreMadeEqualToSaveAPass) {
  Prepare(1);
  EXPECT_EQ(passes[0].passes, 1);
  EXPECT_EQ(passes[0].rows, 4);
}

TEST_F(LagsOfOneAndTwo, StayAsTheyAreWhenPassesMayBeRagged) {
  model_options.batch_rule = BatchRule::kOnePass;
  Prepare(1);
  EXPECT_EQ(passes[0].passes, 1);
  EXPECT_EQ(passes[0].rows, 3);
}

TEST_F(LagsOfOneAndTwo, StayAsTheyAreWhenAGapCutsTheBatchAnyway) {
  Prepare(2);
  EXPECT_EQ(passes[0].passes, 2);
  EXPECT_EQ(passes[0].rows, 3);
}

TEST_F(DraftProposerTest, ALongPromptDoesNotHoldUpTheOthers) {
  options.catch_up_rows = 40;
  Build();
  Start(0, Tokens(100, 5));
  Start(1, {1, 2});
  int calls = 0;
  do {
    Task(0, 2);
    Task(1, 2);
    ASSERT_TRUE(Propose().ok());
    EXPECT_LE(RowsFed(), 40 + 2 * 2 + 2);
    EXPECT_EQ(Proposed(1), Naive(1, 2));
    ASSERT_LT(++calls, 5);
  } while (Proposed(0).empty());
  EXPECT_EQ(calls, 3);  // 40 + 40 + 20
  EXPECT_EQ(Proposed(0), Naive(0, 2));
}

class ThreeThatLag : public DraftProposerTest {
 protected:
  // By 30 tokens each; every one is to draft one token.
  void ProposeForThreeThatLag() {
    options.catch_up_rows = 40;
    Build();
    for (SlotId slot = 0; slot < 3; ++slot) Start(slot, Tokens(30, 5 + slot));
    for (SlotId slot = 0; slot < 3; ++slot) Task(slot, 1);
    ASSERT_TRUE(Propose().ok());
  }
};

TEST_F(ThreeThatLag, ShareOneBudget) {
  ProposeForThreeThatLag();
  EXPECT_EQ(RowsFed(), 40);
  EXPECT_EQ(Proposed(0), Naive(0, 1));
  EXPECT_EQ(Lag(1), 20);
  EXPECT_EQ(Lag(2), 30);
}

TEST_F(ThreeThatLag, ReadMoreWhereThePlanAllowsIt) {
  catch_up_rows = 65;
  ProposeForThreeThatLag();
  EXPECT_EQ(RowsFed(), 65);
  EXPECT_EQ(Proposed(1), Naive(1, 1));
  EXPECT_EQ(Lag(2), 25);
}

// A text of no two equal tokens in a row.
Tokens Counting(int length) {
  Tokens text;
  for (int i = 0; i < length; ++i) text.push_back((i * 7 + i / 9) % 9);
  return text;
}

TEST_F(DraftProposerTest, BeginsAnewWithTheNewestTokens) {
  Build();
  const Tokens text = Counting(100);
  Start(0, text);
  Task(0, 3).recent = 20;
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(passes[0].rows, 20);
  EXPECT_EQ(passes[0].mean_context, 10.5);
  EXPECT_TRUE(std::equal(text.end() - 20, text.end(), model->Tokens(0).begin()));
  EXPECT_EQ(Proposed(0), Naive(0, 3));  // the language looks three tokens back

  // From there on it follows as any other text.
  committed[0].insert(committed[0].end(), Proposed(0).begin(), Proposed(0).end());
  committed[0].push_back(4);
  proposer->Commit(0, committed[0]);
  EXPECT_EQ(Lag(0), 2);
  Task(0, 2).recent = 20;
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(passes[0].rows, 2);
  EXPECT_EQ(Proposed(0), Naive(0, 2));
}

TEST_F(DraftProposerTest, BeginsAnewAgainOnlyWhenItLagsByMore) {
  Build();
  Start(0, Counting(100));
  Task(0, 1).recent = 20;
  ASSERT_TRUE(Propose().ok());
  for (int more = 0; more < 30; ++more) committed[0].push_back(more % 9);
  proposer->Commit(0, committed[0]);
  EXPECT_GE(Lag(0), 30);
  Task(0, 1).recent = 40;
  ASSERT_TRUE(Propose().ok());
  EXPECT_GT(model->Length(0), 45);  // what it held and what it had missed
  for (int more = 0; more < 41; ++more) committed[0].push_back(more % 9);
  proposer->Commit(0, committed[0]);
  Task(0, 1).recent = 40;
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(model->Length(0), 40);
}

TEST_F(DraftProposerTest, TheNextPromptFindsNothingOfATextBegunAnew) {
  Build();
  Start(0, Counting(100));
  Task(0, 1).recent = 20;
  ASSERT_TRUE(Propose().ok());
  proposer->Finish(0);
  Start(0, Tokens(90, 5));
  EXPECT_EQ(Lag(0), 90);
  Start(0, {1, 2});  // shorter than where that text began
  EXPECT_EQ(Lag(0), 2);
  Task(0, 2);
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(Proposed(0), Naive(0, 2));
}

TEST_F(DraftProposerTest, ATextBegunAnewNeedNotFitTheDraftsContext) {
  model_options.context_per_slot = 32;
  Build();
  Start(0, Counting(100));
  Task(0, 99).recent = 20;
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(Proposed(0), Naive(0, 32 - 20 + 1));
}

TEST_F(DraftProposerTest, LagShrinksWhileCatchingUp) {
  options.catch_up_rows = 40;
  Build();
  Start(0, Tokens(100, 5));
  Task(0, 2);
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(Lag(0), 60);
}

class LateGuesses : public DraftProposerTest {
 protected:
  static constexpr int kPrompt = 30;
  static constexpr int kText = 100;

  void Read(int recent) {
    Start(0, Counting(kText));
    ProposalTask& task = Task(0, 2);
    task.recent = recent;
    task.late_guesses = &guesses;
    task.first_output = kPrompt;
    ASSERT_TRUE(Propose().ok());
  }

  // Of the tokens from `first` on, whether the model alone would have said them.
  std::vector<bool> Expected(int first) const {
    std::vector<bool> expected;
    for (int i = first; i < kText; ++i) {
      const Tokens before(committed[0].begin(), committed[0].begin() + i);
      expected.push_back(ArgMax(LogitsAfter(before)) == committed[0][static_cast<std::size_t>(i)]);
    }
    return expected;
  }

  std::vector<bool> Guessed() const {
    std::vector<bool> guessed;
    for (const LateGuess& guess : guesses) guessed.push_back(guess.agreed);
    return guessed;
  }

  std::vector<LateGuess> guesses;
};

TEST_F(LateGuesses, GuessesTheNewestOfTheTokensItReads) {
  options.late_guesses = 60;
  Build();
  Read(0);
  EXPECT_EQ(Guessed(), Expected(kText - 60));
  EXPECT_TRUE(std::ranges::count(Guessed(), true) > 0 && std::ranges::count(Guessed(), false) > 0);
  for (const LateGuess& guess : guesses) EXPECT_LT(guess.confidence, 0);
  EXPECT_EQ(Proposed(0), Naive(0, 2));
}

TEST_F(LateGuesses, SaysNothingOfThePrompt) {
  options.late_guesses = 90;
  Build();
  Read(0);
  EXPECT_EQ(Guessed(), Expected(kPrompt));
}

TEST_F(LateGuesses, IsAlsoOfATextBegunAnew) {
  Build();
  Read(20);
  EXPECT_EQ(Guessed(), Expected(kText - options.late_guesses));
}

TEST_F(LateGuesses, ComesOnceHoweverManyChunksItTakes) {
  options.catch_up_rows = 95;
  Build();
  Read(0);
  EXPECT_TRUE(Proposed(0).empty());
  Task(0, 2).late_guesses = &guesses;
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(Guessed(), Expected(kText - options.late_guesses));
}

TEST_F(LateGuesses, TakeWhatLogitsDraftingLeaves) {
  model_options.max_logits_per_forward = 4;
  Build();
  Read(0);
  EXPECT_EQ(passes.size(), 2U);  // two drafted tokens
  EXPECT_EQ(guesses.size(), 3U);
  EXPECT_EQ(Proposed(0), Naive(0, 2));
}

TEST_F(LateGuesses, CostsNoLogitsWhereNobodyCatchesUp) {
  Build();
  Read(0);
  Commit(0, 2, 5);
  guesses.clear();
  Task(0, 2).late_guesses = &guesses;
  ASSERT_TRUE(Propose().ok());
  EXPECT_TRUE(guesses.empty());
}

}  // namespace
}  // namespace turbospec
