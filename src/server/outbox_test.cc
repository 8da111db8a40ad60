#include "server/outbox.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

OutputDelta Text(std::string text) {
  return {1, std::move(text), {}, std::nullopt};
}

OutputDelta TextWithToken(std::string text) {
  OutputDelta delta = Text(std::move(text));
  delta.tokens.push_back({{3, -0.5f, {}}, "x"});
  return delta;
}

struct OutboxTest : ::testing::Test {
  Outbox Make(OutboxOptions options) {
    return Outbox(options, [this] { ++wakes; });
  }
  int wakes = 0;
};

TEST_F(OutboxTest, CoalescesDeltasOfAChoiceUntilTheyAreTaken) {
  Outbox outbox = Make({});
  outbox.Push(0, Text("a"));
  outbox.Push(1, Text("x"));
  outbox.Push(0, Text("b"));
  const std::vector<ChoiceDelta> taken = outbox.Take();
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].choice, 0);
  EXPECT_EQ(taken[0].text, "ab");
  EXPECT_EQ(taken[1].text, "x");
  EXPECT_TRUE(outbox.Take().empty());
}

TEST_F(OutboxTest, WakesOncePerTake) {
  Outbox outbox = Make({});
  outbox.Push(0, Text("a"));
  outbox.Push(0, Text("b"));
  EXPECT_EQ(wakes, 1);
  outbox.Take();
  outbox.Push(0, Text("c"));
  EXPECT_EQ(wakes, 2);
}

TEST_F(OutboxTest, KeepsTheFinishWithTheLastText) {
  Outbox outbox = Make({});
  outbox.Push(0, Text("a"));
  OutputDelta last = Text("b");
  last.finish.emplace();
  last.finish->reason = FinishReason::kLength;
  outbox.Push(0, std::move(last));
  const std::vector<ChoiceDelta> taken = outbox.Take();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].text, "ab");
  ASSERT_TRUE(taken[0].finish.has_value());
  EXPECT_EQ(taken[0].finish->reason, FinishReason::kLength);
}

TEST_F(OutboxTest, OverflowsByBytesAndWakesAnOwnerThatWasTold) {
  Outbox outbox = Make({.max_bytes = 10});
  outbox.Push(0, Text("0123456789"));
  EXPECT_FALSE(outbox.overflowed());
  EXPECT_EQ(wakes, 1);
  outbox.Push(0, Text("x"));
  EXPECT_TRUE(outbox.overflowed());
  EXPECT_EQ(wakes, 2);
  EXPECT_TRUE(outbox.Take().empty());
  outbox.Push(0, Text("late"));
  EXPECT_TRUE(outbox.Take().empty());
  EXPECT_EQ(wakes, 2);
}

TEST_F(OutboxTest, OverflowsByDeliveries) {
  Outbox outbox = Make({.max_deltas = 2});
  outbox.Push(0, Text(""));
  outbox.Push(0, Text(""));
  EXPECT_FALSE(outbox.overflowed());
  outbox.Push(0, Text(""));
  EXPECT_TRUE(outbox.overflowed());
}

TEST_F(OutboxTest, CountsAnewAfterATake) {
  Outbox outbox = Make({.max_bytes = 10, .max_deltas = 1});
  for (int i = 0; i < 5; ++i) {
    outbox.Push(0, Text("0123456789"));
    outbox.Take();
  }
  EXPECT_FALSE(outbox.overflowed());
}

TEST_F(OutboxTest, KeepsTokensOnlyWhereAsked) {
  Outbox without = Make({.max_bytes = 4});
  without.Push(0, TextWithToken("a"));
  EXPECT_FALSE(without.overflowed());
  EXPECT_TRUE(without.Take()[0].tokens.empty());
  Outbox with = Make({.keep_tokens = true});
  with.Push(0, TextWithToken("a"));
  with.Push(0, TextWithToken("b"));
  EXPECT_EQ(with.Take()[0].tokens.size(), 2u);
}

TEST_F(OutboxTest, IsSilentAfterClose) {
  Outbox outbox = Make({});
  outbox.Close();
  outbox.Push(0, Text("a"));
  EXPECT_EQ(wakes, 0);
  EXPECT_TRUE(outbox.Take().empty());
}

}  // namespace
}  // namespace turbospec
