#include "bench/stream_event.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

bool HasText(std::string_view data) {
  return ClassifyEvent(data).text;
}

TEST(StreamEvent, SeesTextOfCompletionsAndChats) {
  EXPECT_TRUE(HasText(R"({"choices":[{"text":" a","index":0}]})"));
  EXPECT_TRUE(HasText(R"({"choices":[{"delta":{"content":"\""}}]})"));
  EXPECT_TRUE(HasText(R"({"choices":[{"delta":{"content": "x"}}]})"));
  EXPECT_TRUE(HasText(R"({"choices":[{"delta":{"reasoning_content":"x"}}]})"));
}

TEST(StreamEvent, DoesNotTakeRolesAndEndsForText) {
  EXPECT_FALSE(HasText(R"({"choices":[{"delta":{"role":"assistant","content":""}}]})"));
  EXPECT_FALSE(HasText(R"({"choices":[{"delta":{"role":"assistant","content":null}}]})"));
  EXPECT_FALSE(HasText(R"({"choices":[{"delta":{},"finish_reason":"stop"}],"usage":null})"));
  EXPECT_FALSE(HasText(R"({"choices":[{"text":"","finish_reason":"length"}]})"));
  EXPECT_FALSE(HasText(R"({"choices":[{"logprobs":{"content":[{"token":"a"}]}}]})"));
}

TEST(StreamEvent, IsNotMisledByTextThatLooksLikeKeys) {
  EXPECT_FALSE(ClassifyEvent(R"({"choices":[{"text":"\"usage\":{\"x\"}"}]})").usage);
  EXPECT_FALSE(ClassifyEvent(R"({"choices":[{"text":"\"error\":{"}]})").error);
  EXPECT_FALSE(ClassifyEvent(R"({"choices":[{"text":"[DONE]"}]})").done);
  EXPECT_FALSE(HasText(R"({"note":"\"text\":\"x\"","choices":[]})"));
  EXPECT_FALSE(HasText(R"({"a":"text","b":"x"})"));
}

TEST(StreamEvent, SeesUsageErrorsAndTheEnd) {
  EXPECT_TRUE(ClassifyEvent(R"({"choices":[],"usage":{"completion_tokens":3}})").usage);
  EXPECT_FALSE(ClassifyEvent(R"({"choices":[],"usage":null})").usage);
  EXPECT_TRUE(ClassifyEvent(R"({"error":{"message":"out of memory"}})").error);
  EXPECT_FALSE(ClassifyEvent(R"({"choices":[],"error":null})").error);
  EXPECT_TRUE(ClassifyEvent("[DONE]").done);
}

TEST(StreamEvent, ReadsUsageAndRefusesWhatIsNone) {
  const auto usage = ParseUsage(R"({"usage":{"prompt_tokens":5,"completion_tokens":9}})");
  ASSERT_TRUE(usage.has_value());
  EXPECT_EQ(usage->prompt_tokens, 5);
  EXPECT_EQ(usage->completion_tokens, 9);
  EXPECT_FALSE(ParseUsage(R"({"usage":{"completion_tokens":"9"}})"));
  EXPECT_FALSE(ParseUsage(R"({"usage":{"completion_tokens":-1}})"));
  EXPECT_FALSE(ParseUsage(R"({"usage":{"completion_tokens":99999999999}})"));
  EXPECT_FALSE(ParseUsage(R"({"usage":{)"));
}

TEST(StreamEvent, FindsTheMessageOfAnErrorInItsUsualShapes) {
  EXPECT_EQ(ErrorMessage(R"({"error":{"message":"too busy"}})"), "too busy");
  EXPECT_EQ(ErrorMessage(R"({"error":"too busy"})"), "too busy");
  EXPECT_EQ(ErrorMessage(R"({"message":"too busy"})"), "too busy");
  EXPECT_EQ(ErrorMessage(R"({"detail":"Not Found"})"), "Not Found");
  EXPECT_EQ(ErrorMessage("Bad Gateway"), "Bad Gateway");
  EXPECT_EQ(ErrorMessage(std::string(5000, 'x')).size(), 200u);
}

}  // namespace
}  // namespace turbospec
