#include "bench/prompt_source.h"

#include <gtest/gtest.h>

#include <sstream>

namespace turbospec {
namespace {

using nlohmann::json;

Result<std::vector<json>> ReadLines(const std::string& text) {
  std::istringstream in(text);
  return ReadPromptLines(in);
}

TEST(PromptSource, AsksForAStreamWithUsageOnThePathOfThePrompt) {
  const auto prompts = ReadLines(
      "{\"prompt\":\"a\",\"max_tokens\":5}\n\n{\"messages\":[{\"role\":\"user\",\"content\":\"b\"}]"
      "}");
  ASSERT_TRUE(prompts.ok());
  PromptSource source(*prompts, {.requests = 3,
                                 .defaults = {{"max_tokens", 9}, {"model", "m"}},
                                 .overrides = {{"temperature", 0}}});
  const auto first = source.Next();
  const auto second = source.Next();
  const auto third = source.Next();
  ASSERT_TRUE(first && second && third);
  EXPECT_FALSE(source.Next().has_value());
  EXPECT_EQ(first->path, "/v1/completions");
  EXPECT_EQ(second->path, "/v1/chat/completions");
  EXPECT_EQ(third->body, first->body);
  const json expected = {{"prompt", "a"},  {"max_tokens", 5},
                         {"model", "m"},   {"temperature", 0},
                         {"stream", true}, {"stream_options", {{"include_usage", true}}}};
  EXPECT_EQ(json::parse(first->body), expected);
  EXPECT_EQ(json::parse(second->body)["max_tokens"], 9);
}

TEST(PromptSource, MakesArrivalsOfTheAskedRateThatASeedRepeats) {
  constexpr int kRequests = 20'000;
  const auto last_arrival = [](std::uint64_t seed) {
    PromptSource source({{{"prompt", "a"}}},
                        {.requests = kRequests, .requests_per_second = 50, .seed = seed});
    Seconds last{-1};
    int outliers = 0;  // gaps above the mean: e^-1 of them
    while (const auto request = source.Next()) {
      EXPECT_GE(request->arrival, last);
      if (request->arrival - last > Seconds(0.02)) ++outliers;
      last = request->arrival;
    }
    EXPECT_NEAR(outliers / double{kRequests}, 0.3679, 0.02);
    return last.count();
  };
  EXPECT_NEAR(last_arrival(1), kRequests / 50.0, 0.03 * kRequests / 50.0);
  EXPECT_EQ(last_arrival(1), last_arrival(1));
  EXPECT_NE(last_arrival(1), last_arrival(2));
}

TEST(PromptSource, NamesTheLineThatIsWrong) {
  const auto says = [](const std::string& text) {
    const auto read = ReadLines(text);
    return read.ok() ? "accepted" : read.error().message;
  };
  EXPECT_NE(says("{\"prompt\":\"a\"}\nnonsense").find("line 2"), std::string::npos);
  EXPECT_NE(says("[1]").find("line 1"), std::string::npos);
  EXPECT_NE(says("{\"text\":\"a\"}").find("\"prompt\""), std::string::npos);
  EXPECT_NE(says("\n").find("no prompt"), std::string::npos);
}

}  // namespace
}  // namespace turbospec
