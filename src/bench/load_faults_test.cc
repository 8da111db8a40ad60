// Every way in which a request can fail, by the kind under which it is counted.
#include <gtest/gtest.h>

#include "bench/load_fixture.h"

namespace turbospec {
namespace {

RequestRecord OneRequestTo(ScriptedReply reply, Seconds timeout = Seconds(60)) {
  SseServer server([&](int, const std::string&) { return reply; });
  LoadOptions options = To(server.port());
  options.timeout = timeout;
  ListSource source(AtOnce(1));
  const LoadRun run = RunOn(options, source);
  return run.records.size() == 1 ? run.records[0] : RequestRecord();
}

ScriptedReply Pieces(std::vector<std::string> pieces,
                     ScriptedReply::End end = ScriptedReply::End::kClose) {
  ScriptedReply reply;
  reply.pieces = std::move(pieces);
  reply.end = end;
  return reply;
}

TEST(LoadFaults, CountsRefusedConnections) {
  int free_port = 0;
  {
    const SseServer gone([](int, const std::string&) { return ScriptedReply(); });
    free_port = gone.port();
  }
  ListSource source(AtOnce(3));
  const LoadRun run = RunOn(To(free_port), source);
  ASSERT_EQ(run.records.size(), 3u);
  for (const auto& record : run.records) EXPECT_EQ(ErrorKind(record), "connect");
}

TEST(LoadFaults, CountsHttpErrorsByStatusAndKeepsTheirMessage) {
  const auto busy = OneRequestTo(Refusal(429, R"({"error":{"message":"queue full"}})"));
  EXPECT_EQ(ErrorKind(busy), "http_429");
  EXPECT_EQ(busy.detail, "queue full");
  const auto broken = OneRequestTo(Refusal(500, "oh no"));
  EXPECT_EQ(ErrorKind(broken), "http_500");
  EXPECT_EQ(broken.detail, "oh no");
}

TEST(LoadFaults, KnowsAStreamThatWasCutOff) {
  ScriptedReply cut = Stream(4, 4);
  cut.pieces.resize(3);
  const auto closed = OneRequestTo(cut);
  EXPECT_EQ(ErrorKind(closed), "closed_early");
  EXPECT_EQ(closed.text_chunks, 2);
  cut.end = ScriptedReply::End::kReset;
  EXPECT_EQ(ErrorKind(OneRequestTo(cut)), "closed_early");
  EXPECT_EQ(ErrorKind(OneRequestTo(Pieces({}))), "closed_early");
}

TEST(LoadFaults, KnowsAStreamThatEndsWithoutDone) {
  const auto record =
      OneRequestTo(Pieces({StreamHead(), HttpChunk(TextEvent("a")), HttpChunk("")}));
  EXPECT_EQ(ErrorKind(record), "closed_early");
  EXPECT_NE(record.detail.find("[DONE]"), std::string::npos);
}

TEST(LoadFaults, TakesAStreamForCompleteOfWhichOnlyTheLastChunkIsMissing) {
  const auto record = OneRequestTo(
      Pieces({StreamHead(), HttpChunk(TextEvent("a")), HttpChunk("data: [DONE]\n\n")}));
  EXPECT_EQ(ErrorKind(record), "");
  EXPECT_FALSE(record.tokens_reported);
  EXPECT_EQ(record.output_tokens, 1);
}

TEST(LoadFaults, CountsErrorsInsideTheStream) {
  const auto record =
      OneRequestTo(Pieces({StreamHead(), HttpChunk(TextEvent("a")),
                           HttpChunk("data: {\"error\":{\"message\":\"out of memory\"}}\n\n")}));
  EXPECT_EQ(ErrorKind(record), "stream_error");
  EXPECT_EQ(record.detail, "out of memory");
}

TEST(LoadFaults, GivesUpAfterTheTimeout) {
  ScriptedReply stalled = Stream(4, 4);
  stalled.pieces.resize(2);
  stalled.end = ScriptedReply::End::kStall;
  EXPECT_EQ(ErrorKind(OneRequestTo(stalled, Seconds(0.2))), "timeout");
}

TEST(LoadFaults, RefusesWhatIsNoEventStream) {
  EXPECT_EQ(ErrorKind(OneRequestTo(Pieces({"220 mail.example.org ESMTP\r\n\r\n"}))),
            "bad_response");
  const auto whole = OneRequestTo(Refusal(200, R"({"choices":[{"text":"all"}]})"));
  EXPECT_EQ(ErrorKind(whole), "bad_response");
  EXPECT_NE(whole.detail.find("no event stream"), std::string::npos);
  const std::string endless = "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x');
  EXPECT_EQ(ErrorKind(OneRequestTo(Pieces({endless}))), "bad_response");
}

}  // namespace
}  // namespace turbospec
