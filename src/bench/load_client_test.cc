#include "bench/load_client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "bench/load_fixture.h"

namespace turbospec {
namespace {

SseServer::Script Always(ScriptedReply reply) {
  return [reply = std::move(reply)](int, const std::string&) { return reply; };
}

TEST(LoadClient, CountsTokensByUsageAndTimesByChunk) {
  SseServer server(Always(Stream(4, 11)));
  ClientsSource source(1, 3);
  const LoadRun run = RunOn(To(server.port()), source);
  ASSERT_EQ(run.records.size(), 3u);
  for (const RequestRecord& record : run.records) {
    EXPECT_EQ(record.outcome, Outcome::kCompleted) << record.detail;
    EXPECT_EQ(record.text_chunks, 4);
    EXPECT_EQ(record.chunk_gaps.size(), 3u);
    EXPECT_EQ(record.output_tokens, 11);
    EXPECT_EQ(record.prompt_tokens, 7);
    EXPECT_LE(record.scheduled, record.sent);
    EXPECT_LE(record.sent, record.first_text);
    EXPECT_LE(record.first_text, record.last_text);
    EXPECT_LE(record.last_text, record.ended);
    EXPECT_LE(record.ended, run.elapsed);
  }
}

TEST(LoadClient, SendsTheRequestAsAServerExpectsIt) {
  std::string seen;
  SseServer server([&](int, const std::string& request) {
    seen = request;
    return Stream(1, 1);
  });
  LoadOptions options = To(server.port());
  options.server.prefix = "/proxy";
  options.bearer_token = "secret";
  ListSource source(AtOnce(1));
  RunOn(options, source);
  EXPECT_TRUE(seen.starts_with("POST /proxy/v1/completions HTTP/1.1\r\n")) << seen;
  EXPECT_NE(seen.find("\r\nAuthorization: Bearer secret\r\n"), std::string::npos) << seen;
  EXPECT_TRUE(seen.ends_with("\r\n\r\n{\"prompt\":\"x\"}")) << seen;
}

TEST(LoadClient, NeverHasMoreRequestsThanClientsInAClosedLoop) {
  SseServer server(Always(Stream(2, 2)));
  ClientsSource source(4, 40);
  const LoadRun run = RunOn(To(server.port()), source);
  EXPECT_EQ(run.records.size(), 40u);
  EXPECT_EQ(run.max_in_flight, 4);
}

// The server begins no response before the last request has come: a client that waited for any
// response would never send it, and the requests would time out.
TEST(LoadClient, SendsInTimeThoughNoResponseComesInAnOpenLoop) {
  constexpr int kRequests = 20;
  SseServer server(Always(Stream(2, 2)), kRequests);
  std::vector<Seconds> arrivals;
  for (int i = 0; i < kRequests; ++i) arrivals.emplace_back(0.002 * i);
  ListSource source(arrivals);
  const LoadRun run = RunOn(To(server.port()), source);
  ASSERT_EQ(run.records.size(), std::size_t{kRequests});
  EXPECT_EQ(run.max_in_flight, kRequests);
  std::vector<Seconds> scheduled;
  for (const RequestRecord& record : run.records) {
    EXPECT_EQ(record.outcome, Outcome::kCompleted);
    // Nothing can have been answered before the last was due, and the wait is in the figure.
    EXPECT_GE(TimeToFirstText(record), arrivals.back() - record.scheduled);
    scheduled.push_back(record.scheduled);
  }
  std::ranges::sort(scheduled);
  EXPECT_EQ(scheduled, arrivals);
}

// The clock jumps by ten seconds while the client is kept from running; what fell due meanwhile is
// sent at once and keeps its own time of arrival.
TEST(LoadClient, MeasuresFromTheScheduledArrivalThoughItWasLateItself) {
  ManualClock clock;
  SseServer server(Always(Stream(1, 1)));
  ListSource source({Seconds(0), Seconds(1), Seconds(4), Seconds(9)}, [&](int index) {
    if (index == 0) clock.Advance(Seconds(10));
  });
  const auto run = RunLoad(To(server.port()), source, clock, {});
  ASSERT_TRUE(run.ok());
  std::map<double, double> first_text_after;
  for (const auto& record : run->records) {
    first_text_after[record.scheduled.count()] = TimeToFirstText(record).count();
  }
  const std::map<double, double> expected = {{0, 10}, {1, 9}, {4, 6}, {9, 1}};
  EXPECT_EQ(first_text_after, expected);
}

TEST(LoadClient, LeavesOutTheWarmUpAndFinishesItFirst) {
  SseServer server(Always(Stream(1, 1)));
  LoadOptions options = To(server.port());
  options.warmup_requests = 5;
  ClientsSource source(3, 12);
  const LoadRun run = RunOn(options, source);
  EXPECT_EQ(run.warmup_requests, 5);
  EXPECT_EQ(run.records.size(), 7u);
  EXPECT_EQ(server.requests(), 12);
}

TEST(LoadClient, BeginsTheArrivalsAnewAfterTheWarmUp) {
  ManualClock clock;
  SseServer server(Always(Stream(1, 1)));
  LoadOptions options = To(server.port());
  options.warmup_requests = 2;
  const std::vector<double> times = {0, 1, 5, 6};
  ListSource source({times.begin(), times.end()}, [&](int) { clock.Advance(Seconds(1)); });
  const auto run = RunLoad(options, source, clock, {});
  ASSERT_TRUE(run.ok());
  std::vector<double> scheduled;
  for (const auto& record : run->records) scheduled.push_back(record.scheduled.count());
  std::ranges::sort(scheduled);
  EXPECT_EQ(scheduled, (std::vector<double>{0, 1}));
}

TEST(LoadClient, SendsNothingAfterTheDuration) {
  ManualClock clock;
  SseServer server(Always(Stream(1, 1)));
  LoadOptions options = To(server.port());
  options.duration = Seconds(5);
  ClientsSource source(1, 100, [&](int) { clock.Advance(Seconds(1)); });
  const auto run = RunLoad(options, source, clock, {});
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run->records.size(), 5u);  // due at 0, 1, 2, 3 and 4 s
}

TEST(LoadClient, MeasuresAsManyAsAskedForOnTopOfTheWarmUp) {
  SseServer server(Always(Stream(1, 1)));
  LoadOptions options = To(server.port());
  options.warmup_requests = 5;
  options.requests = 7;
  ClientsSource source(3, 100);
  const LoadRun run = RunOn(options, source);
  EXPECT_EQ(run.warmup_requests, 5);
  EXPECT_EQ(run.records.size(), 7u);
  EXPECT_EQ(server.requests(), 12);
}

// One client until 100 s, then an arrival of its own: while the client is busy the arrival is what
// comes next, and an answer makes a request due before it.
class ClientThenArrival final : public RequestSource {
 public:
  std::optional<Seconds> NextTime() const override {
    if (Ended()) return std::nullopt;
    return busy_ ? Seconds(100) : now_;
  }
  BenchRequest Take() override {
    ++taken_;
    busy_ = true;
    return SmallRequest(now_);
  }
  void Completed(Seconds at) override {
    busy_ = false;
    now_ = at;
  }
  bool Ended() const override { return taken_ == 3; }

 private:
  bool busy_ = false;
  int taken_ = 0;
  Seconds now_{0};
};

TEST(LoadClient, AsksAgainAtAnAnswerThoughALaterArrivalWasNext) {
  SseServer server(Always(Stream(1, 1)));
  for (const double duration : {0.0, 50.0}) {  // with 50 s the arrival is beyond the limit
    LoadOptions options = To(server.port());
    options.duration = Seconds(duration);
    ClientThenArrival source;
    const LoadRun run = RunOn(options, source);
    EXPECT_EQ(run.records.size(), 3u);
    EXPECT_LT(run.elapsed, Seconds(50));
  }
}

TEST(LoadClient, GivesThePartialResultWhenStopped) {
  SseServer server([](int index, const std::string&) {
    ScriptedReply reply = Stream(1, 1);
    if (index < 3) return reply;
    reply.pieces.resize(2);
    reply.end = ScriptedReply::End::kStall;
    return reply;
  });
  ClientsSource source(2, 10);
  const LoadRun run = RunOn(To(server.port()), source, [](const LoadProgress& progress) {
    return progress.completed < 3 || progress.text_chunks < 5;
  });
  EXPECT_TRUE(run.stopped);
  EXPECT_EQ(std::ranges::count(run.records, Outcome::kCompleted, &RequestRecord::outcome), 3);
  EXPECT_EQ(std::ranges::count(run.records, Outcome::kCancelled, &RequestRecord::outcome), 2);
}

TEST(LoadClient, RefusesOptionsThatCannotWork) {
  const SteadyClock clock;
  ListSource source(AtOnce(1));
  LoadOptions options = To(1);
  options.requests = -1;
  EXPECT_EQ(RunLoad(options, source, clock, {}).error().code, ErrorCode::kInvalidArgument);
  options = To(1);
  options.timeout = Seconds(0);
  EXPECT_EQ(RunLoad(options, source, clock, {}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace turbospec
