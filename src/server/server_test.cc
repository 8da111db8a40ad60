// The API over loopback: what a well-behaved client sees.
#include "server/server.h"

#include "server/server_fixture.h"

namespace turbospec {
namespace {

using Json = nlohmann::json;

constexpr const char* kChatBody = R"({"messages": [{"role": "user", "content": "hi"}]})";

TEST_F(ServerTest, TellsItsHealthAndItsModel) {
  StartServer();
  LoopbackClient client = Connect();
  const ClientResponse health = client.Get("/health");
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(Parse(health.body),
            Json::parse(R"({"status": "ok", "slots": 4, "running": 0, "waiting": 0})"));
  const ClientResponse models = client.Get("/v1/models");
  EXPECT_EQ(models.status, 200);
  EXPECT_EQ(Parse(models.body), Json::parse(R"({"object": "list", "data": [
    {"id": "fake", "object": "model", "created": 1700000000, "owned_by": "turbospec"}]})"));
}

TEST_F(ServerTest, AnswersEveryPathThatItNames) {
  StartServer();
  LoopbackClient client = Connect();
  for (const std::string& path : ApiPaths()) EXPECT_NE(client.Get(path).status, 404) << path;
}

TEST_F(ServerTest, ServesExtraRoutesWithTheirQuery) {
  StartServer();
  const ClientResponse extra = Connect().Get("/extra?n=5");
  EXPECT_EQ(extra.status, 200);
  EXPECT_EQ(extra.headers.at("content-type"), "text/plain");
  EXPECT_EQ(extra.body, "q=n=5");
}

TEST_F(ServerTest, AnswersACompletion) {
  StartServer();
  LoopbackClient client = Connect();
  client.SendPost(kCompletionPath, R"({"prompt": "ab", "model": "mine", "seed": 5})");
  const RequestId id = engine_.Submitted(0);
  EXPECT_EQ(engine_.RequestOf(id).prompt, (std::vector<TokenId>{0, 1}));
  EXPECT_EQ(engine_.RequestOf(id).max_tokens, 16);
  EXPECT_TRUE(engine_.RequestOf(id).seed_given);
  engine_.Deliver(id, "one ");
  engine_.Deliver(id, "two");
  engine_.Finish(id, FinishReason::kStop);
  const ClientResponse response = client.Receive();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.at("content-type"), "application/json");
  const Json body = Parse(response.body);
  EXPECT_EQ(body["object"], "text_completion");
  EXPECT_EQ(body["model"], "mine");
  EXPECT_TRUE(body["id"].get<std::string>().starts_with("cmpl-"));
  EXPECT_EQ(body["choices"][0]["text"], "one two");
  EXPECT_EQ(body["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(body["usage"]["completion_tokens"], 2);
  EXPECT_EQ(body["timings"]["drafted"], 8);
}

TEST_F(ServerTest, AnswersAChat) {
  StartServer();
  LoopbackClient client = Connect();
  client.SendPost(kChatPath, kChatBody);
  const RequestId id = engine_.Submitted(0);
  EXPECT_EQ(engine_.RequestOf(id).prompt, (std::vector<TokenId>{7, 8}));
  engine_.Finish(id, FinishReason::kLength, "hello");
  const Json body = Parse(client.Receive().body);
  EXPECT_EQ(body["object"], "chat.completion");
  EXPECT_EQ(body["model"], "fake");
  EXPECT_EQ(body["choices"][0]["message"]["content"], "hello");
  EXPECT_EQ(body["choices"][0]["finish_reason"], "length");
}

TEST_F(ServerTest, OrdersChoicesByIndexWhateverFinishesFirst) {
  StartServer();
  LoopbackClient client = Connect();
  client.SendPost(kCompletionPath, R"({"prompt": ["a", "b"], "n": 2})");
  for (int i = 3; i >= 0; --i) {
    const RequestId id = engine_.Submitted(static_cast<std::size_t>(i));
    engine_.Finish(id, FinishReason::kStop, "choice " + std::to_string(i));
  }
  const Json body = Parse(client.Receive().body);
  ASSERT_EQ(body["choices"].size(), 4u);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(body["choices"][static_cast<std::size_t>(i)]["index"], i);
    EXPECT_EQ(body["choices"][static_cast<std::size_t>(i)]["text"], "choice " + std::to_string(i));
  }
}

TEST_F(ServerTest, StreamsAChatAsItIsGenerated) {
  StartServer();
  LoopbackClient client = Connect();
  client.SendPost(kChatPath, R"({"messages": [{"role": "user", "content": "hi"}], "stream": true,
                                 "stream_options": {"include_usage": true}})");
  const RequestId id = engine_.Submitted(0);
  engine_.Deliver(id, "first");
  // The engine has not said more, so this arrives only if nothing is held back.
  ASSERT_TRUE(client.ReadUntil("first"));
  engine_.Deliver(id, "second");
  engine_.Finish(id, FinishReason::kStop);
  const ClientResponse response = client.Receive();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.at("content-type"), "text/event-stream; charset=utf-8");
  EXPECT_TRUE(response.complete);
  const std::vector<std::string> events = response.Events();
  ASSERT_GE(events.size(), 5u);
  EXPECT_EQ(Parse(events[0])["choices"][0]["delta"]["role"], "assistant");
  EXPECT_EQ(Parse(events[1])["choices"][0]["delta"]["content"], "first");
  const Json finish = Parse(events[events.size() - 3]);
  EXPECT_EQ(finish["choices"][0]["finish_reason"], "stop");
  const Json usage = Parse(events[events.size() - 2]);
  EXPECT_EQ(usage["choices"], Json::array());
  EXPECT_EQ(usage["usage"]["completion_tokens"], 2);
  EXPECT_TRUE(usage.contains("timings"));
  EXPECT_EQ(events.back(), "[DONE]");
  EXPECT_EQ(client.Get("/health").status, 200);  // the connection is still of use
}

TEST_F(ServerTest, StreamsToAnOldClientUntilTheClose) {
  StartServer();
  LoopbackClient client = Connect();
  const std::string body = R"({"prompt": "a", "stream": true})";
  client.Send("POST /v1/completions HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  engine_.Finish(engine_.Submitted(0), FinishReason::kStop, "text");
  const ClientResponse response = client.Receive();
  EXPECT_FALSE(response.headers.contains("transfer-encoding"));
  EXPECT_EQ(response.headers.at("connection"), "close");
  const std::vector<std::string> events = response.Events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(Parse(events[0])["choices"][0]["text"], "text");
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  StartServer();
  LoopbackClient client = Connect();
  client.Send(PostText(kCompletionPath, R"({"prompt": "a"})") + "GET /extra?1 HTTP/1.1\r\n\r\n" +
              PostText(kCompletionPath, R"({"prompt": "b", "stream": true})") +
              "GET /extra?2 HTTP/1.1\r\n\r\n");
  engine_.Finish(engine_.Submitted(0), FinishReason::kStop, "A");
  EXPECT_EQ(Parse(client.Receive().body)["choices"][0]["text"], "A");
  EXPECT_EQ(client.Receive().body, "q=1");
  engine_.Finish(engine_.Submitted(1), FinishReason::kStop, "B");
  EXPECT_EQ(client.Receive().Events().size(), 2u);
  EXPECT_EQ(client.Receive().body, "q=2");
}

TEST_F(ServerTest, StillAnswersAClientThatSaysItSendsNoMore) {
  StartServer();
  LoopbackClient client = Connect();
  client.Send("GET /extra?1 HTTP/1.1\r\n\r\nGET /extra?2 HTTP/1.1\r\n\r\n");
  client.EndSending();
  EXPECT_EQ(client.Receive().body, "q=1");
  EXPECT_EQ(client.Receive().body, "q=2");
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(ServerTest, LetsAClientThatAsksFirstSendItsBody) {
  StartServer();
  LoopbackClient client = Connect();
  client.Send(
      "POST /v1/completions HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 15\r\n\r\n");
  ASSERT_TRUE(client.ReadUntil("100 Continue\r\n\r\n"));
  client.Receive();
  client.Send(R"({"prompt": "a"})");
  engine_.Finish(engine_.Submitted(0), FinishReason::kStop, "A");
  EXPECT_EQ(client.Receive().status, 200);
}

TEST_F(ServerTest, KeepsOneConnectionForFiveHundredRequests) {
  RunEngine();
  StartServer();
  LoopbackClient client = Connect();
  for (int i = 0; i < 500; ++i) {
    const ClientResponse response =
        client.Post(kCompletionPath, R"({"prompt": "a", "max_tokens": 2})");
    ASSERT_EQ(response.status, 200) << i;
    ASSERT_EQ(Parse(response.body)["choices"][0]["text"], "ab ab ");
  }
}

TEST_F(ServerTest, ServesSixtyFourStreamsAtOnce) {
  RunEngine();
  StartServer();
  std::vector<LoopbackClient> clients;
  for (int i = 0; i < 64; ++i) {
    clients.push_back(Connect());
    ASSERT_TRUE(clients.back().SendPost(
        kChatPath, R"({"messages": [{"role": "user", "content": "hi"}], "stream": true,
                       "max_tokens": 20})"));
  }
  for (LoopbackClient& client : clients) {
    std::string text;
    const ClientResponse response = client.Receive();
    const std::vector<std::string> events = response.Events();
    ASSERT_FALSE(events.empty());
    EXPECT_EQ(events.back(), "[DONE]");
    for (std::size_t i = 0; i + 1 < events.size(); ++i) {
      text += Parse(events[i])["choices"][0]["delta"].value("content", "");
    }
    std::string expected;
    for (int i = 0; i < 20; ++i) expected += "ab ";
    EXPECT_EQ(text, expected);
  }
}

TEST_F(ServerTest, LogsEveryAnswer) {
  StartServer();
  {
    LoopbackClient client = Connect();
    client.Get("/health");
    client.Get("/nowhere");
  }
  server_.reset();
  const std::vector<AccessRecord> log = Log();
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log[0].path, "/health");
  EXPECT_EQ(log[0].status, 200);
  EXPECT_TRUE(log[0].complete);
  EXPECT_GT(log[0].bytes_sent, 0u);
  EXPECT_TRUE(log[0].client.starts_with("127.0.0.1:"));
  EXPECT_EQ(log[1].status, 404);
}

}  // namespace
}  // namespace turbospec
