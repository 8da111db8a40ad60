// What GET /metrics says, scraped over loopback from a server over a real engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "control/controller_factory.h"
#include "model/fake_model.h"
#include "model/fake_tokenizer.h"
#include "proposers/draft_proposer.h"
#include "proposers/prompt_lookup.h"
#include "server/engine_metrics.h"
#include "server/http_metrics.h"
#include "server/loopback_client.h"
#include "server/metrics_fixture.h"
#include "server/metrics_page.h"
#include "server/server.h"

namespace turbospec {
namespace {

using ::testing::IsEmpty;
using ::testing::Optional;

Scrape Page(std::vector<std::shared_ptr<const prometheus::Collectable>> sources) {
  const Route route = MetricsRoute(std::move(sources));
  return ScrapeReader::Read(route.answer(HttpRequest{}).body);
}

Scrape PageOf(const EngineStatistics& statistics) {
  return Page({std::make_shared<EngineMetrics>([statistics] { return statistics; })});
}

AccessRecord Answer(const std::string& path, int status, Seconds took) {
  return {.client = "", .method = "GET", .path = path, .status = status, .took = took};
}

// The engine drafts two tokens a step with a model of the target's own language, so that every
// draft token is accepted, or of another one, so that none is.
class MetricsTest : public ::testing::Test {
 protected:
  ~MetricsTest() override {
    server_.reset();
    if (engine_) engine_->Stop(Engine::StopMode::kNow);
    if (engine_thread_.joinable()) engine_thread_.join();
  }

  void Serve(LogitsFn draft, const std::string& controller = "fixed:2") {
    const FakeModelOptions model{.vocabulary_size = 26, .slots = 2, .context_per_slot = 64};
    EngineParts parts;
    parts.target = std::make_unique<FakeModel>(model, Target());
    parts.proposers.push_back(std::make_unique<PromptLookup>(PromptLookupOptions{}, model.slots));
    parts.proposers.push_back(std::make_unique<DraftProposer>(
        std::make_unique<FakeModel>(model, std::move(draft)), DraftProposerOptions{}, clock_));
    parts.controller = *MakeController(controller);
    parts.tokenizer = &tokenizer_;
    parts.clock = &clock_;
    engine_ = *Engine::Create(std::move(parts), {});
    engine_thread_ = std::thread([this] { engine_->Run(); });
    StartServer();
    client_ = std::make_unique<LoopbackClient>(server_->port());
  }

  static LogitsFn Target() { return HashedLanguage(3, 2); }

  Scrape ScrapeNow() {
    const ClientResponse response = client_->Get(kMetricsPath);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    Scrape scrape = ScrapeReader::Read(response.body);
    EXPECT_THAT(scrape.faults, IsEmpty());
    return scrape;
  }

  void Generate(const std::string& fields) {
    const ClientResponse response = client_->Post("/v1/completions", "{" + fields + "}");
    ASSERT_EQ(response.status, 200) << response.body;
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<LoopbackClient> client_;

 private:
  void StartServer() {
    const auto http = std::make_shared<HttpMetrics>(ApiPaths());
    ServerParts parts;
    parts.engine = engine_.get();
    parts.language = {&tokenizer_, nullptr, nullptr};
    parts.clock = &clock_;
    parts.unix_seconds = [] { return std::int64_t{0}; };
    parts.access_log = [http](const AccessRecord& record) { http->Record(record); };
    parts.routes.push_back(MetricsRoute(
        {std::make_shared<EngineMetrics>([this] { return engine_->Snapshot(); }), http}));
    ServerOptions options;
    options.port = 0;
    server_ = *Server::Create(std::move(parts), options);
    ASSERT_TRUE(server_->Start().ok());
  }

  FakeTokenizer tokenizer_ = FakeTokenizer::Letters(26);
  SteadyClock clock_;
  std::thread engine_thread_;
  std::unique_ptr<Server> server_;
};

TEST_F(MetricsTest, CountersStartAtZeroBeforeAnythingWasAsked) {
  Serve(Target());
  const Scrape scrape = ScrapeNow();
  for (const auto& [series, value] : scrape.samples) EXPECT_EQ(value, 0) << series;
  for (const char* series :
       {"turbospec_output_tokens_total", "turbospec_requests_total{outcome=\"failed\"}",
        "turbospec_draft_tokens_proposed_total{proposer=\"prompt_lookup\"}",
        "turbospec_passes_total{model=\"draft\"}", "turbospec_acceptance_length"}) {
    EXPECT_TRUE(scrape.Value(series).has_value()) << series;
  }
}

// The prompt gives the first token; then three verifications commit 3, 3 and the last 2 tokens.
TEST_F(MetricsTest, CountsAGenerationWhoseDraftTokensAreAllAccepted) {
  Serve(Target());
  ScrapeNow();
  Generate(R"("prompt": "abcde", "max_tokens": 9, "temperature": 0)");
  const Scrape after = ScrapeNow();
  const auto expect = [&](const std::string& series, double value) {
    EXPECT_THAT(after.Value("turbospec_" + series), Optional(value)) << series;
  };
  expect("requests_running", 0);
  expect("requests_waiting", 0);
  expect("requests_total{outcome=\"finished\"}", 1);
  expect("requests_total{outcome=\"cancelled\"}", 0);
  expect("prompt_tokens_total", 5);
  expect("reused_prompt_tokens_total", 0);
  expect("output_tokens_total", 9);
  expect("decoded_tokens_total", 8);
  expect("verifications_total", 3);
  expect("steps_total", 4);
  expect("passes_total{model=\"target\"}", 4);
  expect("draft_tokens_proposed_total{proposer=\"draft_model\"}", 5);
  expect("draft_tokens_verified_total{proposer=\"draft_model\"}", 5);
  expect("draft_tokens_accepted_total{proposer=\"draft_model\"}", 5);
  expect("draft_tokens_proposed_total{proposer=\"prompt_lookup\"}", 0);
  expect("draft_depth_tried_total{depth=\"1\",proposer=\"draft_model\"}", 3);
  expect("draft_depth_tried_total{depth=\"2\",proposer=\"draft_model\"}", 2);
  expect("draft_depth_accepted_total{depth=\"1\",proposer=\"draft_model\"}", 3);
  expect("draft_depth_accepted_total{depth=\"2\",proposer=\"draft_model\"}", 2);
  EXPECT_NEAR(*after.Value("turbospec_acceptance_length"), 8.0 / 3.0, 1e-12);
}

TEST_F(MetricsTest, CountsRejectionsAtTheDepthWhereTheyHappened) {
  // Never what the target says: its likeliest token is the least likely here.
  Serve([target = Target()](std::span<const TokenId> context, std::span<float> logits) {
    target(context, logits);
    for (float& logit : logits) logit = -logit;
  });
  // Of the three verifications, the first drafts two tokens, the second one, the last has no use
  // for any.
  Generate(R"("prompt": "abcde", "max_tokens": 4, "temperature": 0)");
  const Scrape after = ScrapeNow();
  const std::string draft = "proposer=\"draft_model\"}";
  EXPECT_THAT(after.Value("turbospec_verifications_total"), Optional(3.0));
  EXPECT_THAT(after.Value("turbospec_acceptance_length"), Optional(1.0));
  EXPECT_THAT(after.Value("turbospec_draft_tokens_verified_total{" + draft), Optional(3.0));
  EXPECT_THAT(after.Value("turbospec_draft_tokens_accepted_total{" + draft), Optional(0.0));
  EXPECT_THAT(after.Value("turbospec_draft_depth_tried_total{depth=\"1\"," + draft), Optional(2.0));
  EXPECT_THAT(after.Value("turbospec_draft_depth_accepted_total{depth=\"1\"," + draft),
              Optional(0.0));
  EXPECT_FALSE(after.Value("turbospec_draft_depth_tried_total{depth=\"2\"," + draft));
}

TEST_F(MetricsTest, NothingCountedEverGoesBack) {
  Serve(Target());
  Generate(R"("prompt": "abcde", "max_tokens": 9)");
  const Scrape before = ScrapeNow();
  Generate(R"("prompt": "abcdefghijkl", "max_tokens": 20, "n": 2)");
  const Scrape after = ScrapeNow();
  for (const auto& [series, value] : before.samples) {
    const bool gauge = series.find("_total") == std::string::npos &&
                       series.find("_duration_") == std::string::npos;
    if (gauge) continue;
    EXPECT_THAT(after.Value(series), Optional(::testing::Ge(value))) << series;
  }
  EXPECT_THAT(after.Value("turbospec_output_tokens_total"), Optional(49.0));
  EXPECT_THAT(after.Value("turbospec_requests_total{outcome=\"finished\"}"), Optional(3.0));
  EXPECT_GT(*after.Value("turbospec_step_seconds_total{part=\"target\"}"),
            *before.Value("turbospec_step_seconds_total{part=\"target\"}"));
}

TEST_F(MetricsTest, AgreesWithTheEnginesOwnSnapshot) {
  Serve(Imitation(Target(), 0.6, 9));
  Generate(R"("prompt": ["abcde", "zyx"], "max_tokens": 30)");
  const Scrape scrape = ScrapeNow();
  const EngineStatistics statistics = engine_->Snapshot();
  EXPECT_THAT(scrape.Value("turbospec_passes_total{model=\"draft\"}"),
              Optional(static_cast<double>(statistics.draft_passes)));
  EXPECT_GT(statistics.draft_passes, 0);
  EXPECT_NEAR(*scrape.Value("turbospec_step_seconds_total{part=\"draft\"}"),
              statistics.draft_time.count(), 1e-12);
  EXPECT_NEAR(*scrape.Value("turbospec_step_seconds_total{part=\"host\"}"),
              statistics.host_time.count(), 1e-12);
}

TEST_F(MetricsTest, CountsAnswersByRouteAndStatus) {
  Serve(Target());
  Generate(R"("prompt": "ab", "max_tokens": 2)");
  client_->Post("/v1/completions", "{");
  client_->Get("/health");
  client_->Get("/made-up-1");
  client_->Get("/made-up-2");
  const Scrape scrape = ScrapeNow();
  const auto answers = [&](const std::string& labels) {
    return scrape.Value("turbospec_http_requests_total{" + labels + "}");
  };
  EXPECT_THAT(answers(R"(route="/v1/completions",status="200")"), Optional(1.0));
  EXPECT_THAT(answers(R"(route="/v1/completions",status="400")"), Optional(1.0));
  EXPECT_THAT(answers(R"(route="/health",status="200")"), Optional(1.0));
  EXPECT_THAT(answers(R"(route="other",status="404")"), Optional(2.0));
  EXPECT_THAT(
      scrape.Value(R"(turbospec_http_request_duration_seconds_count{route="/v1/completions"})"),
      Optional(2.0));
  for (const auto& [series, value] : scrape.samples) {
    EXPECT_EQ(series.find("made"), std::string::npos) << "a client made a series: " << series;
  }
}

TEST(EngineMetrics, ShowsEveryCounterUnderItsOwnName) {
  EngineStatistics statistics{.running = 1, .waiting = 2, .finished = 3, .failed = 4};
  statistics.cancelled = 5;
  statistics.steps = 6;
  statistics.verifications = 7;
  statistics.output_tokens = 8;
  statistics.decoded_tokens = 9;
  statistics.prompt_tokens = 10;
  statistics.reused_tokens = 11;
  statistics.draft_faults = 12;
  statistics.target_passes = 13;
  statistics.draft_passes = 14;
  statistics.draft_time = Seconds{1.5};
  statistics.target_time = Seconds{2.5};
  statistics.sampling_time = Seconds{3.5};
  statistics.host_time = Seconds{4.5};
  statistics.acceptance[0] = {20, 21, 22, {23}, {24}};
  statistics.acceptance[1] = {30, 31, 32, {33, 34}, {35, 36}};
  const std::map<std::string, double> expected = {
      {"requests_running", 1},
      {"requests_waiting", 2},
      {"requests_total{outcome=\"finished\"}", 3},
      {"requests_total{outcome=\"failed\"}", 4},
      {"requests_total{outcome=\"cancelled\"}", 5},
      {"steps_total", 6},
      {"verifications_total", 7},
      {"output_tokens_total", 8},
      {"decoded_tokens_total", 9},
      {"prompt_tokens_total", 10},
      {"reused_prompt_tokens_total", 11},
      {"draft_faults_total", 12},
      {"passes_total{model=\"target\"}", 13},
      {"passes_total{model=\"draft\"}", 14},
      {"step_seconds_total{part=\"draft\"}", 1.5},
      {"step_seconds_total{part=\"target\"}", 2.5},
      {"step_seconds_total{part=\"sampling\"}", 3.5},
      {"step_seconds_total{part=\"host\"}", 4.5},
      {"acceptance_length", 9.0 / 7.0},
      {"draft_tokens_proposed_total{proposer=\"prompt_lookup\"}", 20},
      {"draft_tokens_verified_total{proposer=\"prompt_lookup\"}", 21},
      {"draft_tokens_accepted_total{proposer=\"prompt_lookup\"}", 22},
      {"draft_depth_tried_total{depth=\"1\",proposer=\"prompt_lookup\"}", 23},
      {"draft_depth_accepted_total{depth=\"1\",proposer=\"prompt_lookup\"}", 24},
      {"draft_tokens_proposed_total{proposer=\"draft_model\"}", 30},
      {"draft_tokens_verified_total{proposer=\"draft_model\"}", 31},
      {"draft_tokens_accepted_total{proposer=\"draft_model\"}", 32},
      {"draft_depth_tried_total{depth=\"1\",proposer=\"draft_model\"}", 33},
      {"draft_depth_tried_total{depth=\"2\",proposer=\"draft_model\"}", 34},
      {"draft_depth_accepted_total{depth=\"1\",proposer=\"draft_model\"}", 35},
      {"draft_depth_accepted_total{depth=\"2\",proposer=\"draft_model\"}", 36},
  };
  const Scrape scrape = PageOf(statistics);
  EXPECT_THAT(scrape.faults, IsEmpty());
  EXPECT_EQ(scrape.samples.size(), expected.size());
  for (const auto& [series, value] : expected) {
    EXPECT_NEAR(scrape.Value("turbospec_" + series).value_or(-1), value, 1e-12) << series;
  }
}

TEST(EngineMetrics, CountersAreCountersAndGaugesAreGauges) {
  for (const auto& [family, type] : PageOf(EngineStatistics{}).types) {
    EXPECT_EQ(type, family.ends_with("_total") ? "counter" : "gauge") << family;
  }
}

TEST(EngineMetrics, LargeCountsKeepTheirLastDigit) {
  EngineStatistics statistics;
  statistics.output_tokens = 9'007'199'254'740'991;  // the largest that a double holds exactly
  EXPECT_THAT(PageOf(statistics).Value("turbospec_output_tokens_total"),
              Optional(9'007'199'254'740'991.0));
}

TEST(HttpMetrics, SortsAnswersIntoBucketsByTheirTime) {
  const auto http = std::make_shared<HttpMetrics>(std::vector<std::string>{"/a"});
  http->Record(Answer("/a", 200, Seconds{0.004}));
  http->Record(Answer("/a", 0, Seconds{0.2}));
  http->Record(Answer("/a", 200, Seconds{1000}));
  const Scrape scrape = Page({http});
  EXPECT_THAT(scrape.faults, IsEmpty());
  const std::string name = "turbospec_http_request_duration_seconds";
  EXPECT_EQ(scrape.types.at(name), "histogram");
  const auto up_to = [&](const std::string& end) {
    return scrape.Value(name + "_bucket{le=\"" + end + "\",route=\"/a\"}");
  };
  EXPECT_THAT(up_to("0.0025"), Optional(0.0));
  EXPECT_THAT(up_to("0.005"), Optional(1.0));
  EXPECT_THAT(up_to("0.25"), Optional(2.0));
  EXPECT_THAT(up_to("180"), Optional(2.0));
  EXPECT_THAT(up_to("+Inf"), Optional(3.0));
  EXPECT_NEAR(scrape.Value(name + "_sum{route=\"/a\"}").value_or(0), 1000.204, 1e-9);
  EXPECT_THAT(scrape.Value(R"(turbospec_http_requests_total{route="/a",status="none"})"),
              Optional(1.0));
}

TEST(ScrapeReader, TellsWhatAScraperWouldStumbleOver) {
  const auto faults = [](const std::string& text) { return ScrapeReader::Read(text).faults; };
  const std::string head = "# HELP a b\n# TYPE a counter\n";
  EXPECT_THAT(faults(head + "a 1\n"), IsEmpty());
  EXPECT_THAT(faults(head + "a{x=\"1\",y=\"q\\\"\"} 1e+20\n"), IsEmpty());
  for (const std::string& bad :
       {"a 1\n" + head, head + "a 1", head + "b 1\n", head + "a 1\na 1\n", head + "a{x=1} 1\n",
        head + "a{0=\"1\"} 1\n", head + "a{x=\"1\" 1\n", head + "a-b 1\n", head + "a -1\n",
        head + "a one\n", head + head, std::string("# TYPE a counter\n# HELP a b\n"),
        std::string("# HELP a b\n# TYPE a count\n")}) {
    EXPECT_FALSE(faults(bad).empty()) << bad;
  }
}

}  // namespace
}  // namespace turbospec
