// The server against clients, engines and operators that do not behave.
#include <future>
#include <thread>

#include "core/random.h"
#include "server/server_fixture.h"

namespace turbospec {
namespace {

constexpr const char* kStreamBody = R"({"prompt": "a", "stream": true})";

std::string ErrorCode(const ClientResponse& response) {
  const auto body = nlohmann::json::parse(response.body, nullptr, false);
  if (!body.is_object() || !body.contains("error")) return "no error in: " + response.body;
  return body["error"].value("code", "no code");
}

TEST_F(ServerTest, NamesWhatIsWrongWithARequest) {
  StartServer();
  LoopbackClient client = Connect();
  EXPECT_EQ(ErrorCode(client.Get("/nowhere")), "not_found");
  const ClientResponse method = client.Get(kChatPath);
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.headers.at("allow"), "POST");
  EXPECT_EQ(client.Post("/health", "").status, 405);
  EXPECT_EQ(ErrorCode(client.Post(kChatPath, "{")), "invalid_json");
  const ClientResponse field = client.Post(kCompletionPath, R"({"prompt": "a", "n": "x"})");
  EXPECT_EQ(field.status, 400);
  EXPECT_EQ(Parse(field.body)["error"]["param"], "n");
  EXPECT_EQ(client.Post(kCompletionPath, R"({"prompt": "a", "grammar": "g"})").status, 400);
  EXPECT_EQ(client.Get("/health").status, 200);  // none of this cost the connection
}

TEST_F(ServerTest, RefusesABodyThatIsTooLarge) {
  ServerOptions options;
  options.max_body_bytes = 1000;
  StartServer(options);
  LoopbackClient client = Connect();
  client.SendPost(kCompletionPath, std::string(4 * 1024 * 1024, 'x'));
  const ClientResponse response = client.Receive();
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(ErrorCode(response), "body_too_large");
  EXPECT_EQ(response.headers.at("connection"), "close");
}

TEST_F(ServerTest, SurvivesGarbage) {
  StartServer();
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    RandomStream random(seed);
    std::string bytes;
    for (int i = 0; i < 2000; ++i) bytes += static_cast<char>(random.Bits());
    LoopbackClient client = Connect();
    client.Send(bytes);
    client.EndSending();
    const int status = client.Receive().status;
    EXPECT_TRUE(status == 0 || status == 400 || status == 431) << status;
  }
  EXPECT_EQ(Connect().Get("/health").status, 200);
}

TEST_F(ServerTest, AnswersARequestThatStopsHalfwayWithATimeout) {
  ServerOptions options;
  options.header_timeout = Seconds{0.05};
  options.body_timeout = Seconds{0.05};
  StartServer(options);
  LoopbackClient header = Connect();
  header.Send("GET /health HT");
  EXPECT_EQ(header.Receive().status, 408);
  LoopbackClient body = Connect();
  body.Send("POST /v1/completions HTTP/1.1\r\nContent-Length: 100\r\n\r\n{");
  EXPECT_EQ(body.Receive().status, 408);
}

TEST_F(ServerTest, ClosesAConnectionThatSaysNothing) {
  ServerOptions options;
  options.idle_timeout = Seconds{0.05};
  StartServer(options);
  EXPECT_TRUE(Connect().AtEnd());
}

TEST_F(ServerTest, CancelsAStreamWhoseClientLeaves) {
  StartServer();
  LoopbackClient client = Connect();
  client.SendPost(kCompletionPath, kStreamBody);
  const RequestId id = engine_.Submitted(0);
  engine_.Deliver(id, "text");
  ASSERT_TRUE(client.ReadUntil("text"));
  client.Close();
  EXPECT_TRUE(engine_.WaitForCancel(id));
  engine_.Deliver(id, "late");  // what was under way must not disturb
  engine_.Finish(id, FinishReason::kCancelled);
}

TEST_F(ServerTest, CancelsAllChoicesOfAnUnstreamedRequestWhoseClientLeaves) {
  StartServer();
  LoopbackClient client = Connect();
  client.SendPost(kCompletionPath, R"({"prompt": "a", "n": 2})");
  const RequestId first = engine_.Submitted(0);
  const RequestId second = engine_.Submitted(1);
  client.Reset();
  EXPECT_TRUE(engine_.WaitForCancel(first));
  EXPECT_TRUE(engine_.WaitForCancel(second));
}

TEST_F(ServerTest, CutsOffAClientThatDoesNotRead) {
  ServerOptions options;
  options.max_outbox_bytes = 256 * 1024;
  StartServer(options);
  LoopbackClient client = Connect(/*receive_buffer_bytes=*/4096);
  client.SendPost(kCompletionPath, kStreamBody);
  const RequestId id = engine_.Submitted(0);
  // Far more than the sockets' buffers and the outbox hold; Deliver returns at once each time.
  const std::string text(64 * 1024, 'x');
  for (int i = 0; i < 1024 && !engine_.cancelled(id); ++i) engine_.Deliver(id, text);
  EXPECT_TRUE(engine_.WaitForCancel(id));
  EXPECT_EQ(Connect().Get("/health").status, 200);
}

TEST_F(ServerTest, TellsAFullQueueApartAndWithdrawsTheChoicesThatFitted) {
  StartServer();
  engine_.RefuseAfter(1, ResourceExhausted("256 requests wait already"));
  LoopbackClient client = Connect();
  const ClientResponse response = client.Post(kCompletionPath, R"({"prompt": "a", "n": 2})");
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.headers.at("retry-after"), "1");
  EXPECT_EQ(ErrorCode(response), "queue_full");
  EXPECT_TRUE(engine_.cancelled(engine_.Submitted(0)));
  engine_.RefuseAfter(0, Unavailable("stopping"));
  EXPECT_EQ(client.Post(kCompletionPath, R"({"prompt": "a"})").status, 503);
  engine_.RefuseAfter(0, InvalidArgument("the prompt is longer than the context"));
  EXPECT_EQ(client.Post(kCompletionPath, R"({"prompt": "a"})").status, 400);
}

TEST_F(ServerTest, GivesAStatusForAFailureBeforeTheFirstOutput) {
  StartServer();
  LoopbackClient client = Connect();
  std::size_t n = 0;
  for (const char* body : {kStreamBody, R"({"prompt": "a"})"}) {
    client.SendPost(kCompletionPath, body);
    engine_.Fail(engine_.Submitted(n++), Internal("the pass failed"));
    const ClientResponse response = client.Receive();
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(ErrorCode(response), "internal_error");
  }
}

TEST_F(ServerTest, EndsAStreamThatFailsWithAnErrorEventAndCloses) {
  StartServer();
  LoopbackClient client = Connect();
  client.SendPost(kCompletionPath, R"({"prompt": "a", "stream": true, "n": 2})");
  const RequestId first = engine_.Submitted(0);
  const RequestId second = engine_.Submitted(1);
  engine_.Deliver(first, "text");
  ASSERT_TRUE(client.ReadUntil("text"));
  engine_.Fail(first, Internal("the pass failed"));
  const ClientResponse response = client.Receive();
  const std::vector<std::string> events = response.Events();
  EXPECT_EQ(Parse(events.back())["error"]["message"], "the pass failed");
  EXPECT_TRUE(client.AtEnd());
  EXPECT_TRUE(engine_.WaitForCancel(second));
}

TEST_F(ServerTest, RefusesConnectionsOverTheLimit) {
  ServerOptions options;
  options.max_connections = 1;
  StartServer(options);
  LoopbackClient first = Connect();
  ASSERT_EQ(first.Get("/health").status, 200);
  LoopbackClient second = Connect();
  EXPECT_EQ(second.Receive().status, 503);
  EXPECT_EQ(first.Get("/health").status, 200);
}

TEST_F(ServerTest, DrainsByFinishingWhatRunsAndRefusingTheRest) {
  StartServer();
  LoopbackClient streaming = Connect();
  streaming.SendPost(kCompletionPath, kStreamBody);
  const RequestId id = engine_.Submitted(0);
  engine_.Deliver(id, "begun");
  ASSERT_TRUE(streaming.ReadUntil("begun"));
  LoopbackClient waiting = Connect();
  ASSERT_EQ(waiting.Get("/health").status, 200);

  server_->BeginDrain();
  EXPECT_FALSE(LoopbackClient(server_->port()).connected());
  const ClientResponse health = waiting.Get("/health");
  EXPECT_EQ(health.status, 503);
  EXPECT_EQ(Parse(health.body)["status"], "draining");
  EXPECT_EQ(health.headers.at("connection"), "close");
  EXPECT_TRUE(waiting.AtEnd());

  std::future<int> drained =
      std::async(std::launch::async, [this] { return server_->Drain(Seconds{60}); });
  engine_.Deliver(id, "more");
  engine_.Finish(id, FinishReason::kStop);
  const ClientResponse response = streaming.Receive();
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.Events().back(), "[DONE]");
  EXPECT_EQ(drained.get(), 0);
  EXPECT_TRUE(streaming.AtEnd());
}

TEST_F(ServerTest, CutsOffWhatRunsBeyondTheDrainLimit) {
  StartServer();
  LoopbackClient client = Connect();
  client.SendPost(kCompletionPath, kStreamBody);
  const RequestId id = engine_.Submitted(0);
  EXPECT_EQ(server_->Drain(Seconds{0.01}), 1);
  EXPECT_TRUE(engine_.cancelled(id));
  EXPECT_EQ(client.Receive().status, 0);
  engine_.Finish(id, FinishReason::kCancelled);  // the sink outlives its reader
}

TEST_F(ServerTest, RefusesGenerationOnOpenConnectionsWhileDraining) {
  StartServer();
  LoopbackClient client = Connect();
  ASSERT_EQ(client.Get("/health").status, 200);
  server_->BeginDrain();
  const ClientResponse response = client.Post(kCompletionPath, R"({"prompt": "a"})");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(ErrorCode(response), "unavailable");
}

TEST_F(ServerTest, GoesAwayWhileTheEngineDelivers) {
  ServerOptions options;
  options.max_outbox_deltas = std::size_t{1} << 40;  // only the end of the server cancels
  options.max_outbox_bytes = std::size_t{1} << 40;
  StartServer(options);
  std::vector<LoopbackClient> clients;
  std::vector<RequestId> ids;
  for (std::size_t i = 0; i < 8; ++i) {
    clients.push_back(Connect());
    clients.back().SendPost(kCompletionPath, kStreamBody);
    ids.push_back(engine_.Submitted(i));
  }
  std::promise<void> delivered;
  std::thread delivering([&] {
    engine_.Deliver(ids[0], "ab ");
    delivered.set_value();
    for (const RequestId id : ids) {
      while (!engine_.cancelled(id)) engine_.Deliver(id, "ab ");
      engine_.Finish(id, FinishReason::kCancelled);
    }
  });
  delivered.get_future().wait();
  server_.reset();
  delivering.join();  // only when the last request was cancelled
  for (const RequestId id : ids) EXPECT_TRUE(engine_.cancelled(id));
}

TEST_F(ServerTest, SaysThatAPortIsInUseOrAHostIsBad) {
  StartServer();
  ServerParts parts;
  parts.engine = &engine_;
  parts.language.tokenizer = &tokenizer_;
  parts.clock = &clock_;
  parts.unix_seconds = [] { return std::int64_t{0}; };
  ServerOptions options;
  options.port = server_->port();
  auto in_use = Server::Create(parts, options);
  ASSERT_FALSE(in_use.ok());
  EXPECT_EQ(in_use.error().code, turbospec::ErrorCode::kUnavailable);
  EXPECT_NE(in_use.error().message.find("in use"), std::string::npos);
  options.port = 0;
  options.host = "203.0.113.1";  // a documentation address: not of this machine
  auto foreign = Server::Create(parts, options);
  ASSERT_FALSE(foreign.ok());
  EXPECT_NE(foreign.error().message.find("203.0.113.1"), std::string::npos);
  options.host = "not a host";
  EXPECT_FALSE(Server::Create(parts, options).ok());
  options.host = "127.0.0.1";
  EXPECT_TRUE(Server::Create(parts, options).ok());  // never started, and goes away again
  parts.engine = nullptr;
  EXPECT_FALSE(Server::Create(parts, options).ok());
}

}  // namespace
}  // namespace turbospec
