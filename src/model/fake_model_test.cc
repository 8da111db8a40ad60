#include "model/fake_model.h"

#include <gtest/gtest.h>

#include "model/fake_tokenizer.h"
#include "model/faulty_model.h"

namespace turbospec {
namespace {

FakeModel Letters() {
  return FakeModel({.vocabulary_size = 5, .slots = 2}, HashedLanguage(1, 2));
}

TEST(FakeModel, RefusesRowsThatDoNotContinueTheirSlot) {
  FakeModel model = Letters();
  const Row gap[] = {{.slot = 0, .position = 1, .token = 3}};
  EXPECT_FALSE(model.Forward(gap).ok());
  EXPECT_EQ(model.Length(0), 0);
}

TEST(FakeModel, RefusesSlotsOutOfOrder) {
  FakeModel model = Letters();
  const Row rows[] = {{.slot = 1, .position = 0, .token = 3},
                      {.slot = 0, .position = 0, .token = 3}};
  EXPECT_FALSE(model.Forward(rows).ok());
}

TEST(FakeModel, LogitsDependOnTheTokensOfTheSlotOnly) {
  FakeModel model = Letters();
  const Row rows[] = {{0, 0, 3, false}, {0, 1, 4, true}, {1, 0, 3, false}, {1, 1, 4, true}};
  ASSERT_TRUE(model.Forward(rows).ok());
  const auto a = model.Logits(1);
  const auto b = model.Logits(3);
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  EXPECT_TRUE(model.Logits(0).empty());
}

TEST(FakeModel, TruncationForgetsTheTail) {
  FakeModel model = Letters();
  const Row rows[] = {{0, 0, 3, false}, {0, 1, 4, true}};
  ASSERT_TRUE(model.Forward(rows).ok());
  ASSERT_TRUE(model.Truncate(0, 1).ok());
  EXPECT_EQ(model.Tokens(0), (std::vector<TokenId>{3}));
}

TEST(FaultyModel, FailsTheChosenCallAndLeavesTheSlots) {
  FaultyModel model(std::make_unique<FakeModel>(Letters()),
                    [](int call, std::span<const Row>) { return call == 1; });
  const Row first[] = {{0, 0, 3, false}};
  const Row second[] = {{0, 1, 4, true}};
  EXPECT_TRUE(model.Forward(first).ok());
  EXPECT_FALSE(model.Forward(second).ok());
  EXPECT_EQ(model.Length(0), 1);
  EXPECT_TRUE(model.Forward(second).ok());
}

TEST(FakeTokenizer, TakesTheLongestPieceAtEveryPlace) {
  const FakeTokenizer tokenizer = FakeTokenizer::Letters(30);
  const auto tokens = tokenizer.Encode("bad", {});
  ASSERT_TRUE(tokens.ok());
  EXPECT_EQ(*tokens, (std::vector<TokenId>{1, 29}));
  EXPECT_EQ(tokenizer.Piece(27), "ab");
  EXPECT_FALSE(tokenizer.Encode("B", {}).ok());
}

}  // namespace
}  // namespace turbospec
