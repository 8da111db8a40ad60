// One run in every output format.
#include "bench/bench_report.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

// Two requests of 0.1 s to the first text and 5 tokens in 3 chunks until 0.5 s; one refused.
BenchReport OneRun() {
  LoadRun run;
  for (int i = 0; i < 2; ++i) {
    RequestRecord record;
    record.outcome = Outcome::kCompleted;
    record.scheduled = Seconds(i);
    record.sent = Seconds(i + 0.01);
    record.first_text = Seconds(i + 0.1);
    record.last_text = Seconds(i + 0.5);
    record.ended = Seconds(i + 0.6);
    record.text_chunks = 3;
    record.chunk_gaps = {0.25F, 0.15F};
    record.prompt_tokens = 7;
    record.output_tokens = 5;
    record.tokens_reported = true;
    run.records.push_back(record);
  }
  RequestRecord refused;
  refused.outcome = Outcome::kHttpError;
  refused.http_status = 429;
  refused.detail = "queue <full>";
  run.records.push_back(refused);
  run.elapsed = Seconds(2);
  run.cpu_time = Seconds(0.1);
  run.max_in_flight = 2;
  run.warmup_requests = 4;
  return MakeReport({{"url", "http://a:1"}, {"load", "closed loop, 2 clients"}}, std::move(run),
                    ParseGoodputLimits("ttft:500").value());
}

TEST(BenchReport, HasTheFieldsOfVllmBenchServeInItsJson) {
  const auto json = ReportJson(OneRun(), true);
  EXPECT_EQ(json["completed"], 2);
  EXPECT_EQ(json["failed"], 1);
  EXPECT_EQ(json["total_input_tokens"], 14);
  EXPECT_EQ(json["total_output_tokens"], 10);
  EXPECT_DOUBLE_EQ(json["duration"], 2);
  EXPECT_DOUBLE_EQ(json["request_throughput"], 1);
  EXPECT_DOUBLE_EQ(json["request_goodput"], 1);
  EXPECT_DOUBLE_EQ(json["output_throughput"], 5);
  EXPECT_DOUBLE_EQ(json["total_token_throughput"], 12);
  EXPECT_NEAR(json["mean_ttft_ms"], 100, 1e-6);
  EXPECT_NEAR(json["median_tpot_ms"], 100, 1e-6);
  EXPECT_NEAR(json["mean_itl_ms"], 200, 1e-3);
  EXPECT_NEAR(json["p99_e2el_ms"], 600, 1e-6);
  EXPECT_NEAR(json["max_send_delay_ms"], 10, 1e-6);
  EXPECT_NEAR(json["client_cpu_share"], 0.05, 1e-9);
  EXPECT_EQ(json["errors"], (nlohmann::json{{"http_429", 1}}));
  EXPECT_EQ(json["error_samples"]["http_429"], "queue <full>");
  EXPECT_EQ(json["setup"]["url"], "http://a:1");
  EXPECT_EQ(json["format"], "turbospec-bench");
  EXPECT_EQ(json["requests"].size(), 3u);
  EXPECT_EQ(json["requests"][2]["error"], "http_429");
  EXPECT_FALSE(ReportJson(OneRun(), false).contains("requests"));
}

TEST(BenchReport, PrintsATable) {
  EXPECT_EQ(ReportTable(OneRun()),
            "Load client result\n"
            "  url             http://a:1\n"
            "  load            closed loop, 2 clients\n"
            "  duration (s)                              2.00\n"
            "  completed                                    2\n"
            "  failed                                       1\n"
            "  input tokens                                14\n"
            "  output tokens                               10\n"
            "  requests/s                                1.00\n"
            "  output tokens/s                           5.00\n"
            "  good requests/s                           1.00\n"
            "  most requests at once                        2\n"
            "  late sending, at most (ms)               10.00\n"
            "  client CPU (of one core)                 5.0 %\n"
            "  ms            mean       p50       p90       p99       max\n"
            "  TTFT        100.00    100.00    100.00    100.00    100.00\n"
            "  TPOT        100.00    100.00    100.00    100.00    100.00\n"
            "  ITL *       200.00    200.00    250.00    250.00    250.00\n"
            "  E2EL        600.00    600.00    600.00    600.00    600.00\n"
            "  1 x http_429: queue <full>\n"
            "  * between chunks; a chunk may carry several tokens\n");
}

TEST(BenchReport, HasALineForEachOfSeveralClasses) {
  LoadRun run = OneRun().run;
  run.records[0].class_name = "json";
  run.records[1].class_name = "grammar_story";
  run.records[2].class_name = "json";
  const BenchReport report = MakeReport({}, std::move(run), {});
  const std::string expected =
      "  class              done  failed    tokens  tokens/s  TTFT p50  TPOT p50  E2EL p50\n"
      "  grammar_story         1       0         5      2.50    100.00    100.00    600.00\n"
      "  json                  1       1         5      2.50    100.00    100.00    600.00\n";
  EXPECT_NE(ReportTable(report).find(expected), std::string::npos) << ReportTable(report);
  EXPECT_EQ(ReportJson(report, false)["classes"]["json"]["failed"], 1);
  EXPECT_EQ(ReportTable(OneRun()).find("class"), std::string::npos);
}

TEST(BenchReport, SaysThatARunWasInterrupted) {
  BenchReport report = OneRun();
  report.run.stopped = true;
  EXPECT_TRUE(ReportTable(report).starts_with("Load client result (interrupted)\n"));
  EXPECT_EQ(ReportJson(report, false)["interrupted"], true);
}

TEST(BenchReport, SaysWhereARunStands) {
  EXPECT_EQ(ProgressLine({.elapsed = Seconds(1.26),
                          .in_flight = 3,
                          .completed = 4,
                          .failed = 5,
                          .text_chunks = 6}),
            "1.3 s  3 running  4 done  5 failed  6 chunks");
  EXPECT_TRUE(ProgressLine({.warming_up = true}).starts_with("warm-up 0.0 s"));
}

}  // namespace
}  // namespace turbospec
