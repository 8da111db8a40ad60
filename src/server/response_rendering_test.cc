#include "server/response_rendering.h"

#include <gtest/gtest.h>

#include <limits>

#include "model/fake_tokenizer.h"
#include "server/api_error.h"
#include "server/http_message.h"
#include "server/logprobs_json.h"

namespace turbospec {
namespace {

using Json = nlohmann::json;

const ResponseIdentity kIdentity{"id-1", 1700000000, "m"};

GenerationUsage Usage() {
  GenerationUsage usage;
  usage.prompt_tokens = 10;
  usage.reused_prompt_tokens = 4;
  usage.output_tokens = 21;
  usage.steps = 8;
  usage.drafted = 30;
  usage.verified = 20;
  usage.accepted = 13;
  usage.first_token = Seconds{0.5};
  usage.total = Seconds{2.5};
  return usage;
}

ChoiceDelta Delta(int choice, std::string text, bool finished = false) {
  ChoiceDelta delta{choice, std::move(text), {}, std::nullopt};
  if (finished) delta.finish.emplace();
  return delta;
}

Json At(const std::vector<std::string>& chunks, std::size_t i) {
  return Json::parse(chunks.at(i));
}

struct RenderingTest : ::testing::Test {
  FakeTokenizer tokenizer{{"a", "\xC3", "\xA9", "b"}};
  ResponseSummary summary = Summarise(std::vector<GenerationUsage>{Usage()}, 1);

  // "a", then "é" in two halves.
  std::vector<OutputToken> Tokens() {
    const float never = -std::numeric_limits<float>::infinity();
    return {{{0, -0.5f, {{0, -0.5f}, {3, never}}}, "a"},
            {{1, -1.0f, {}}, "\xC3"},
            {{2, -0.25f, {}}, "\xA9"}};
  }
};

TEST_F(RenderingTest, WritesACompletionInOpenAiShape) {
  auto renderer = MakeCompletionRenderer({kIdentity, false, false, 1}, tokenizer);
  const Json response = Json::parse(renderer->Whole(std::vector{Delta(0, "hello", true)}, summary));
  EXPECT_EQ(response, Json::parse(R"({
    "id": "id-1", "object": "text_completion", "created": 1700000000, "model": "m",
    "choices": [{"text": "hello", "index": 0, "logprobs": null, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 21, "total_tokens": 31,
              "prompt_tokens_details": {"cached_tokens": 4}},
    "timings": {"ttft_ms": 500.0, "total_ms": 2500.0, "tokens_per_second": 10.0, "steps": 8,
                "drafted": 30, "verified": 20, "accepted": 13}})"));
}

TEST_F(RenderingTest, WritesAChatCompletionInOpenAiShape) {
  auto renderer = MakeChatRenderer({kIdentity, false, false, 1}, tokenizer);
  Json response = Json::parse(renderer->Whole(std::vector{Delta(0, "hello", true)}, summary));
  EXPECT_TRUE(response.contains("timings"));
  response.erase("timings");
  response.erase("usage");
  EXPECT_EQ(response, Json::parse(R"({
    "id": "id-1", "object": "chat.completion", "created": 1700000000, "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello", "refusal": null},
                 "logprobs": null, "finish_reason": "stop"}]})"));
}

TEST_F(RenderingTest, BeginsAChatStreamWithTheRoleAndEndsItWithTheReason) {
  auto renderer = MakeChatRenderer({kIdentity, false, false, 1}, tokenizer);
  const auto first = renderer->Chunks(Delta(0, "hi"), nullptr);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(At(first, 0), Json::parse(R"({
    "id": "id-1", "object": "chat.completion.chunk", "created": 1700000000, "model": "m",
    "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "logprobs": null,
                 "finish_reason": null}]})"));
  EXPECT_EQ(At(first, 1)["choices"][0]["delta"], Json::parse(R"({"content": "hi"})"));
  const auto last = renderer->Chunks(Delta(0, "!", true), &summary);
  ASSERT_EQ(last.size(), 2u);
  EXPECT_EQ(At(last, 0)["choices"][0]["delta"], Json::parse(R"({"content": "!"})"));
  EXPECT_EQ(At(last, 0)["choices"][0]["finish_reason"], nullptr);
  EXPECT_EQ(At(last, 1)["choices"][0]["delta"], Json::object());
  EXPECT_EQ(At(last, 1)["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(At(last, 1)["timings"]["accepted"], 13);
}

TEST_F(RenderingTest, EndsWithAUsageChunkOnlyWhenAsked) {
  for (const bool chat : {false, true}) {
    const RenderOptions options{kIdentity, true, false, 1};
    auto renderer =
        chat ? MakeChatRenderer(options, tokenizer) : MakeCompletionRenderer(options, tokenizer);
    const auto chunks = renderer->Chunks(Delta(0, "x", true), &summary);
    ASSERT_GE(chunks.size(), 2u);
    const Json usage = At(chunks, chunks.size() - 1);
    EXPECT_EQ(usage["choices"], Json::array());
    EXPECT_EQ(usage["usage"]["completion_tokens"], 21);
    EXPECT_TRUE(usage.contains("timings"));
    for (std::size_t i = 0; i + 1 < chunks.size(); ++i) {
      EXPECT_EQ(At(chunks, i).at("usage"), nullptr);
      EXPECT_FALSE(At(chunks, i).contains("timings"));
    }
  }
}

TEST_F(RenderingTest, SaysTheRoleOfEveryChoice) {
  auto renderer = MakeChatRenderer({kIdentity, false, false, 2}, tokenizer);
  EXPECT_EQ(renderer->Chunks(Delta(1, "x"), nullptr).size(), 2u);
  EXPECT_EQ(renderer->Chunks(Delta(0, "x"), nullptr).size(), 2u);
  EXPECT_EQ(renderer->Chunks(Delta(1, "x"), nullptr).size(), 1u);
}

TEST_F(RenderingTest, SaysNothingForHalfACharacter) {
  auto renderer = MakeCompletionRenderer({kIdentity, false, false, 1}, tokenizer);
  EXPECT_TRUE(renderer->Chunks(Delta(0, ""), nullptr).empty());
}

TEST_F(RenderingTest, CountsTextOffsetsInCharactersAcrossChunks) {
  auto renderer = MakeCompletionRenderer({kIdentity, false, true, 1}, tokenizer);
  ChoiceDelta delta = Delta(0, "a\xC3\xA9");
  delta.tokens = Tokens();
  const Json first = At(renderer->Chunks(delta, nullptr), 0)["choices"][0]["logprobs"];
  EXPECT_EQ(first["text_offset"], Json::parse("[0, 1, 2]"));
  EXPECT_EQ(first["token_logprobs"], Json::parse("[-0.5, -1.0, -0.25]"));
  EXPECT_EQ(first["top_logprobs"][0], Json::parse(R"({"a": -0.5, "b": -9999.0})"));
  const Json second = At(renderer->Chunks(delta, nullptr), 0)["choices"][0]["logprobs"];
  EXPECT_EQ(second["text_offset"], Json::parse("[2, 3, 4]"));
}

TEST_F(RenderingTest, GivesTheBytesOfTokensThatAreNoCharacters) {
  auto renderer = MakeChatRenderer({kIdentity, false, true, 1}, tokenizer);
  ChoiceDelta delta = Delta(0, "a\xC3\xA9", true);
  delta.tokens = Tokens();
  const Json response = Json::parse(renderer->Whole(std::vector{delta}, summary));
  const Json content = response["choices"][0]["logprobs"]["content"];
  ASSERT_EQ(content.size(), 3u);
  EXPECT_EQ(content[0]["top_logprobs"][1],
            Json::parse(R"({"token": "b", "logprob": -9999.0, "bytes": [98]})"));
  EXPECT_EQ(content[1]["bytes"], Json::parse("[195]"));
  EXPECT_EQ(content[1]["token"], "\xEF\xBF\xBD");
}

TEST(SummaryTest, CountsAPromptOnceHoweverManyChoicesItHas) {
  const std::vector<GenerationUsage> usages(4, Usage());
  const ResponseSummary two_prompts = Summarise(usages, 2);
  EXPECT_EQ(two_prompts.prompt_tokens, 20);
  EXPECT_EQ(two_prompts.output_tokens, 84);
  EXPECT_EQ(two_prompts.tokens_per_second, 40.0);
}

TEST(SummaryTest, ClaimsNoSpeedForASingleToken) {
  GenerationUsage usage = Usage();
  usage.output_tokens = 1;
  usage.total = usage.first_token;
  EXPECT_EQ(Summarise(std::vector{usage}, 1).tokens_per_second, 0.0);
}

TEST(ApiErrorTest, HasOpenAiShapeEvenForBytesThatAreNoText) {
  const Json error = Json::parse(RenderError({400, "bad \xff", "prompt", ""}))["error"];
  EXPECT_EQ(error["message"], "bad \xEF\xBF\xBD");
  EXPECT_EQ(error["type"], "invalid_request_error");
  EXPECT_EQ(error["param"], "prompt");
  EXPECT_EQ(error["code"], nullptr);
}

TEST(ApiErrorTest, TellsTheClientOfAFullQueueWhenToComeBack) {
  const HttpResponse response = ErrorResponse(ToApiError(ResourceExhausted("full")));
  EXPECT_EQ(response.status, 429);
  ASSERT_EQ(response.headers.size(), 1u);
  EXPECT_EQ(response.headers[0].first, "Retry-After");
}

TEST(HttpMessageTest, FramesStreamPartsAsChunks) {
  std::string out;
  AppendStreamPart(StreamFraming::kChunked, std::string(26, 'x'), out);
  AppendStreamPart(StreamFraming::kChunked, "", out);
  AppendStreamEnd(StreamFraming::kChunked, out);
  EXPECT_EQ(out, "1a\r\n" + std::string(26, 'x') + "\r\n0\r\n\r\n");
}

TEST(HttpMessageTest, LeavesTheBodyOutForHead) {
  const HttpResponse response{200, "text/plain", "body", {{"X-Y", "z"}}};
  const std::string text = SerializeResponse(response, true, /*head_only=*/true);
  EXPECT_NE(text.find("Content-Length: 4\r\n"), std::string::npos);
  EXPECT_NE(text.find("X-Y: z\r\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

}  // namespace
}  // namespace turbospec
