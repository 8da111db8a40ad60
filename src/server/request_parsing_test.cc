// What request bodies become, and what is said about bodies that are wrong.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "server/chat_request.h"
#include "server/completion_request.h"
#include "server/request_json.h"

namespace turbospec {
namespace {

constexpr int kVocabulary = 100;

ApiResult<CompletionRequest> ParseCompletion(const std::string& text) {
  auto json = ParseRequestJson(text);
  if (!json.ok()) return json.error();
  return ParseCompletionRequest(*json, kVocabulary);
}

ApiResult<ChatRequest> ParseChat(const std::string& text) {
  auto json = ParseRequestJson(text);
  if (!json.ok()) return json.error();
  return ParseChatRequest(*json, kVocabulary);
}

// {"prompt": "a", <field>}
std::string WithField(const std::string& field) {
  return R"({"prompt": "a", )" + field + "}";
}

TEST(CompletionRequestTest, TakesOpenAiDefaultsFromAPromptAlone) {
  auto request = ParseCompletion(R"({"prompt": "hello"})");
  ASSERT_TRUE(request.ok()) << request.error().message;
  ASSERT_EQ(request->prompts.size(), 1u);
  EXPECT_EQ(std::get<std::string>(request->prompts[0]), "hello");
  const GenerationFields& fields = request->fields;
  EXPECT_EQ(fields.max_tokens, 16);
  EXPECT_EQ(fields.choices, 1);
  EXPECT_EQ(fields.sampling.temperature, 1.0);
  EXPECT_EQ(fields.sampling.top_p, 1.0);
  EXPECT_EQ(fields.sampling.logprobs, -1);
  EXPECT_FALSE(fields.seed.has_value());
  EXPECT_FALSE(fields.stream);
  EXPECT_EQ(fields.rule, AcceptanceRule::kAuto);
}

TEST(CompletionRequestTest, ReadsEveryField) {
  auto request = ParseCompletion(R"({
    "model": "m", "prompt": [1, 2, 3], "max_tokens": 7, "temperature": 0.5, "top_p": 0.9,
    "top_k": 40, "min_p": 0.05, "n": 3, "stop": ["x", "y"], "stream": true,
    "stream_options": {"include_usage": true}, "seed": -1, "presence_penalty": 1.5,
    "frequency_penalty": -0.5, "repetition_penalty": 1.1, "logit_bias": {"5": -100, "6": 2.5},
    "logprobs": 4, "echo": false, "suffix": null, "grammar": "root ::= \"a\"", "ignore_eos": true,
    "speculation": {"rule": "match"}, "never_heard_of": {"a": [1]}})");
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(std::get<std::vector<TokenId>>(request->prompts[0]), (std::vector<TokenId>{1, 2, 3}));
  const GenerationFields& fields = request->fields;
  EXPECT_EQ(fields.model, "m");
  EXPECT_EQ(fields.max_tokens, 7);
  EXPECT_EQ(fields.sampling.temperature, 0.5);
  EXPECT_EQ(fields.sampling.top_p, 0.9);
  EXPECT_EQ(fields.sampling.top_k, 40);
  EXPECT_EQ(fields.sampling.min_p, 0.05);
  EXPECT_EQ(fields.choices, 3);
  EXPECT_EQ(fields.stop, (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(fields.stream);
  EXPECT_TRUE(fields.include_usage);
  EXPECT_EQ(fields.seed, std::uint64_t{0} - 1);
  EXPECT_EQ(fields.sampling.presence_penalty, 1.5);
  EXPECT_EQ(fields.sampling.frequency_penalty, -0.5);
  EXPECT_EQ(fields.sampling.repetition_penalty, 1.1);
  ASSERT_EQ(fields.sampling.logit_bias.size(), 2u);
  EXPECT_EQ(fields.sampling.logit_bias[0].token, 5);
  EXPECT_EQ(fields.sampling.logit_bias[0].bias, -100.0f);
  EXPECT_EQ(fields.sampling.logprobs, 4);
  EXPECT_EQ(fields.grammar, "root ::= \"a\"");
  EXPECT_TRUE(fields.ignore_end);
  EXPECT_EQ(fields.rule, AcceptanceRule::kMatch);
}

TEST(CompletionRequestTest, TakesSeveralPromptsOfEitherKind) {
  auto texts = ParseCompletion(R"({"prompt": ["a", "b"]})");
  ASSERT_TRUE(texts.ok());
  EXPECT_EQ(texts->prompts.size(), 2u);
  auto tokens = ParseCompletion(R"({"prompt": [[1], [2, 3]]})");
  ASSERT_TRUE(tokens.ok());
  EXPECT_EQ(std::get<std::vector<TokenId>>(tokens->prompts[1]), (std::vector<TokenId>{2, 3}));
}

TEST(CompletionRequestTest, TreatsNullAsAbsent) {
  auto request = ParseCompletion(
      R"({"prompt": "a", "temperature": null, "stop": null, "stream": null, "logprobs": null,
          "max_tokens": null, "n": null, "seed": null, "stream_options": null})");
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(request->fields.max_tokens, 16);
}

TEST(CompletionRequestTest, PrefersTheNewerNameOfTheOutputLimit) {
  auto request = ParseCompletion(WithField(R"("max_tokens": 3, "max_completion_tokens": 9)"));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->fields.max_tokens, 9);
}

struct BadField {
  const char* field;  // as JSON
  const char* param;
  const char* message_part;
};

class BadCompletionFieldTest : public ::testing::TestWithParam<BadField> {};

TEST_P(BadCompletionFieldTest, IsRefusedByNameWithWhatIsExpected) {
  const BadField& bad = GetParam();
  auto request = ParseCompletion(WithField(bad.field));
  ASSERT_FALSE(request.ok()) << bad.field;
  EXPECT_EQ(request.error().status, 400);
  EXPECT_EQ(request.error().param, bad.param);
  EXPECT_NE(request.error().message.find(bad.message_part), std::string::npos)
      << request.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadCompletionFieldTest,
    ::testing::Values(
        BadField{R"("temperature": "hot")", "temperature", "a number, got string"},
        BadField{R"("temperature": -0.1)", "temperature", "between 0 and 100"},
        BadField{R"("temperature": 1e300)", "temperature", "between 0 and 100"},
        BadField{R"("temperature": [1])", "temperature", "a number, got array"},
        BadField{R"("top_p": 0)", "top_p", "above 0"},
        BadField{R"("top_p": 1.01)", "top_p", "between 0 and 1"},
        BadField{R"("top_k": 1.5)", "top_k", "an integer between"},
        BadField{R"("top_k": 99999999999999999999)", "top_k", "an integer between"},
        BadField{R"("top_k": -2)", "top_k", "an integer between"},
        BadField{R"("min_p": true)", "min_p", "a number, got boolean"},
        BadField{R"("n": 0)", "n", "between 1 and 8"},
        BadField{R"("n": 9)", "n", "between 1 and 8"},
        BadField{R"("n": "2")", "n", "an integer, got string"},
        BadField{R"("max_tokens": 0)", "max_tokens", "between 1 and"},
        BadField{R"("max_tokens": 4294967296)", "max_tokens", "between 1 and"},
        BadField{R"("max_completion_tokens": {})", "max_completion_tokens", "got object"},
        BadField{R"("stop": 5)", "stop", "a string or an array of strings, got number"},
        BadField{R"("stop": ["a", 5])", "stop", "got number"},
        BadField{R"("stop": "")", "stop", "1 to 1024 bytes"},
        BadField{R"("stop": ["1","2","3","4","5","6","7","8","9","0","1","2","3","4","5","6","7"])",
                 "stop", "at most 16"},
        BadField{R"("stream": 1)", "stream", "a boolean, got number"},
        BadField{R"("stream_options": {"include_usage": true})", "stream_options", "only allowed"},
        BadField{R"("stream": true, "stream_options": [])", "stream_options", "an object"},
        BadField{R"("stream": true, "stream_options": {"include_usage": 1})",
                 "stream_options.include_usage", "a boolean"},
        BadField{R"("seed": 1.5)", "seed", "a 64-bit integer"},
        BadField{R"("seed": "x")", "seed", "a 64-bit integer"},
        BadField{R"("presence_penalty": 2.5)", "presence_penalty", "between -2 and 2"},
        BadField{R"("frequency_penalty": -3)", "frequency_penalty", "between -2 and 2"},
        BadField{R"("repetition_penalty": 0)", "repetition_penalty", "between 0.01 and 10"},
        BadField{R"("logit_bias": [1])", "logit_bias", "an object, got array"},
        BadField{R"("logit_bias": {"x": 1})", "logit_bias", "token ids"},
        BadField{R"("logit_bias": {"100": 1})", "logit_bias", "between 0 and 99"},
        BadField{R"("logit_bias": {"-1": 1})", "logit_bias", "between 0 and 99"},
        BadField{R"("logit_bias": {"1 ": 1})", "logit_bias", "token ids"},
        BadField{R"("logit_bias": {"5": "much"})", "logit_bias.5", "a number"},
        BadField{R"("logit_bias": {"5": 101})", "logit_bias.5", "between -100 and 100"},
        BadField{R"("logprobs": true)", "logprobs", "an integer, got boolean"},
        BadField{R"("logprobs": 21)", "logprobs", "between 0 and 20"},
        BadField{R"("echo": true)", "echo", "not supported"},
        BadField{R"("suffix": "end")", "suffix", "not supported"},
        BadField{R"("best_of": 4)", "best_of", "not supported"},
        BadField{R"("model": 5)", "model", "a string"},
        BadField{R"("grammar": {})", "grammar", "a string"},
        BadField{R"("ignore_eos": "no")", "ignore_eos", "a boolean"},
        BadField{R"("speculation": "match")", "speculation", "an object"},
        BadField{R"("speculation": {"rule": "fast"})", "speculation.rule", "\"rejection\""},
        BadField{R"("response_format": {"type": "json_object"})", "response_format", "grammar"},
        BadField{R"("prompt": 5)", "prompt", "a string"},
        BadField{R"("prompt": null)", "prompt", "is required"},
        BadField{R"("prompt": [])", "prompt", "must not be empty"},
        BadField{R"("prompt": ["a", []])", "prompt", "must not be empty"},
        BadField{R"("prompt": [1, "a"])", "prompt", "token ids"},
        BadField{R"("prompt": ["a", 1])", "prompt", "a string"},
        BadField{R"("prompt": [100])", "prompt", "between 0 and 99"},
        BadField{R"("prompt": [-1])", "prompt", "between 0 and 99"},
        BadField{R"("prompt": [1.5])", "prompt", "between 0 and 99"},
        BadField{R"("prompt": [[[1]]])", "prompt", "token ids"}));

TEST(CompletionRequestTest, RefusesMorePromptsThanAllowed) {
  nlohmann::json body;
  body["prompt"] = std::vector<std::string>(kMaxPrompts + 1, "a");
  auto request = ParseCompletion(body.dump());
  ASSERT_FALSE(request.ok());
  EXPECT_EQ(request.error().param, "prompt");
}

TEST(RequestJsonTest, RefusesWhatIsNotAnObjectOfFiniteUtf8Json) {
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[]"), std::string("5"), std::string("\"x\""),
        std::string("{\"a\": NaN}"), std::string("{\"a\": Infinity}"),
        std::string("{\"a\": 1e999}"), std::string("{\"a\": -1e999}"), std::string("{'a': 1}"),
        std::string("{\"a\": 1} x"), std::string("{\"a\": \"\xff\xfe\"}"),
        std::string("{\"a\": \"\\ud800\"}"), std::string("{\"a\": \"\xc0\xaf\"}"),
        std::string("\0\0\0", 3)}) {
    auto json = ParseRequestJson(text);
    ASSERT_FALSE(json.ok()) << text;
    EXPECT_EQ(json.error().status, 400);
    EXPECT_EQ(json.error().code, "invalid_json");
    EXPECT_FALSE(json.error().message.empty());
  }
}

TEST(RequestJsonTest, SaysWhereTheTextIsWrong) {
  auto json = ParseRequestJson(R"({"a": 1, "b": x})");
  ASSERT_FALSE(json.ok());
  EXPECT_NE(json.error().message.find("byte 15"), std::string::npos) << json.error().message;
}

TEST(RequestJsonTest, RefusesNestingThatCouldExhaustAStack) {
  for (const char* open : {"[", "{\"a\":"}) {
    std::string text = "{\"a\":";
    for (int i = 0; i < 100000; ++i) text += open;
    auto json = ParseRequestJson(text);
    ASSERT_FALSE(json.ok());
    EXPECT_NE(json.error().message.find("nests deeper"), std::string::npos);
  }
}

TEST(RequestJsonTest, DoesNotCountBracketsInStrings) {
  EXPECT_TRUE(ParseRequestJson("{\"a\": \"" + std::string(1000, '[') + "\\\"[\"}").ok());
}

TEST(RequestJsonTest, RefusesMoreValuesThanMemoryShouldHold) {
  std::string text = "{\"prompt\":[0";
  for (int i = 0; i < kMaxJsonValues; ++i) text += ",0";
  auto json = ParseRequestJson(text + "]}");
  ASSERT_FALSE(json.ok());
  EXPECT_NE(json.error().message.find("values"), std::string::npos);
}

TEST(ChatRequestTest, ReadsTextAndTextParts) {
  auto request = ParseChat(R"({"messages": [
    {"role": "developer", "content": "be brief"},
    {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
    {"role": "assistant", "content": "", "name": "x"}]})");
  ASSERT_TRUE(request.ok()) << request.error().message;
  ASSERT_EQ(request->messages.size(), 3u);
  EXPECT_EQ(request->messages[0].role, "system");
  EXPECT_EQ(request->messages[1].content, "a\nb");
  EXPECT_EQ(request->messages[2].role, "assistant");
  EXPECT_EQ(request->fields.max_tokens, 0);
}

TEST(ChatRequestTest, WantsLogprobsOnlyWhenSaid) {
  const std::string head = R"({"messages": [{"role": "user", "content": "a"}])";
  auto none = ParseChat(head + "}");
  auto plain = ParseChat(head + R"(, "logprobs": true})");
  auto top = ParseChat(head + R"(, "logprobs": true, "top_logprobs": 3})");
  ASSERT_TRUE(none.ok() && plain.ok() && top.ok());
  EXPECT_EQ(none->fields.sampling.logprobs, -1);
  EXPECT_EQ(plain->fields.sampling.logprobs, 0);
  EXPECT_EQ(top->fields.sampling.logprobs, 3);
}

class BadChatTest : public ::testing::TestWithParam<BadField> {};

TEST_P(BadChatTest, IsRefusedByNameWithWhatIsExpected) {
  const BadField& bad = GetParam();
  auto request = ParseChat(std::string("{") + bad.field + "}");
  ASSERT_FALSE(request.ok()) << bad.field;
  EXPECT_EQ(request.error().status, 400);
  EXPECT_EQ(request.error().param, bad.param);
  EXPECT_NE(request.error().message.find(bad.message_part), std::string::npos)
      << request.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadChatTest,
    ::testing::Values(
        BadField{R"("x": 1)", "messages", "is required"},
        BadField{R"("messages": "hi")", "messages", "an array, got string"},
        BadField{R"("messages": [])", "messages", "at least one"},
        BadField{R"("messages": ["hi"])", "messages[0]", "an object"},
        BadField{R"("messages": [{"content": "x"}])", "messages[0].role", "is required"},
        BadField{R"("messages": [{"role": 1, "content": "x"}])", "messages[0].role", "a string"},
        BadField{R"("messages": [{"role": "tool", "content": "x"}])", "messages[0].role",
                 "\"assistant\""},
        BadField{R"("messages": [{"role": "user"}])", "messages[0].content", "is required"},
        BadField{R"("messages": [{"role": "user", "content": 5}])", "messages[0].content",
                 "a string or an array"},
        BadField{R"("messages": [{"role": "user", "content": ["x"]}])", "messages[0].content",
                 "got string"},
        BadField{R"("messages": [{"role": "user", "content": [{"type": "image_url"}]}])",
                 "messages[0].content.type", "\"text\""},
        BadField{R"("messages": [{"role": "user", "content": [{"type": "text"}]}])",
                 "messages[0].content.text", "is required"},
        BadField{R"("messages": [{"role": "user", "content": "x"}], "logprobs": 5)", "logprobs",
                 "a boolean"},
        BadField{R"("messages": [{"role": "user", "content": "x"}], "top_logprobs": 5)",
                 "top_logprobs", "only allowed"},
        BadField{R"("messages": [{"role": "user", "content": "x"}], "tools": [{}])", "tools",
                 "not supported"}));

}  // namespace
}  // namespace turbospec
