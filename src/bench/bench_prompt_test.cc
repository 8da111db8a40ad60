#include "bench/bench_prompt.h"

#include <gtest/gtest.h>

#include <sstream>

namespace turbospec {
namespace {

using nlohmann::json;

Result<BenchPrompts> ReadLines(const std::string& text) {
  std::istringstream in(text);
  return ReadPromptLines(in);
}

json BodyAsSent(const json& body, const BodyFields& fields = {}) {
  return json::parse(MakeBenchRequest(Seconds(0), body, fields, "").body);
}

TEST(BenchPrompt, AsksAPromptAsACompletionAndMessagesAsAChat) {
  WorkloadItem item;
  item.prompt = "Once";
  item.max_tokens = 5;
  EXPECT_EQ(BodyOf(item), (json{{"prompt", "Once"}, {"max_tokens", 5}}));
  EXPECT_EQ(MakeBenchRequest(Seconds(0), BodyOf(item), {}, "").path, "/v1/completions");
  item.prompt.clear();
  item.messages = {{"system", "be brief"}, {"user", "why?"}};
  const json expected = json::parse(
      R"({"messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "why?"}],
          "max_tokens": 5})");
  EXPECT_EQ(BodyOf(item), expected);
  EXPECT_EQ(MakeBenchRequest(Seconds(0), BodyOf(item), {}, "").path, "/v1/chat/completions");
}

TEST(BenchPrompt, AsksForAStreamWithUsageAndKeepsOtherStreamOptions) {
  EXPECT_EQ(
      BodyAsSent({{"prompt", "a"}}),
      (json{{"prompt", "a"}, {"stream", true}, {"stream_options", {{"include_usage", true}}}}));
  const json kept = BodyAsSent({{"prompt", "a"}, {"stream_options", {{"more", 1}}}});
  EXPECT_EQ(kept["stream_options"], (json{{"more", 1}, {"include_usage", true}}));
  const json repaired = BodyAsSent({{"prompt", "a"}, {"stream", false}, {"stream_options", 3}});
  EXPECT_EQ(repaired["stream"], true);
  EXPECT_EQ(repaired["stream_options"], (json{{"include_usage", true}}));
}

TEST(BenchPrompt, LetsDefaultsGiveWayToThePromptAndThatToOverrides) {
  const BodyFields fields = {.defaults = {{"max_tokens", 9}, {"model", "m"}},
                             .overrides = {{"temperature", 0}}};
  const json sent = BodyAsSent({{"prompt", "a"}, {"max_tokens", 5}, {"temperature", 1}}, fields);
  EXPECT_EQ(sent["max_tokens"], 5);
  EXPECT_EQ(sent["model"], "m");
  EXPECT_EQ(sent["temperature"], 0);
}

TEST(BenchPrompt, KeepsEveryFieldOfAPromptLine) {
  const auto prompts =
      ReadLines("{\"prompt\":[1,2],\"top_k\":3}\n \r\n{\"messages\":[{\"role\":\"user\"}]}\n");
  ASSERT_TRUE(prompts.ok());
  ASSERT_EQ(prompts->bodies.size(), 2u);
  EXPECT_EQ(prompts->workload.items.size(), 2u);
  EXPECT_EQ(prompts->bodies[0], (json{{"prompt", {1, 2}}, {"top_k", 3}}));
}

TEST(BenchPrompt, NamesTheLineThatIsWrong) {
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
