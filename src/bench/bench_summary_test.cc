#include "bench/bench_summary.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

// Scheduled at `at`; its text comes evenly from `first` to `last` after that.
RequestRecord Completed(double at, double first, double last, int chunks, int tokens) {
  RequestRecord record;
  record.outcome = Outcome::kCompleted;
  record.scheduled = record.sent = Seconds(at);
  record.first_text = Seconds(at + first);
  record.last_text = Seconds(at + last);
  record.ended = record.last_text;
  record.text_chunks = chunks;
  record.output_tokens = tokens;
  record.prompt_tokens = 10;
  record.tokens_reported = true;
  for (int i = 1; i < chunks; ++i) {
    record.chunk_gaps.push_back(static_cast<float>((last - first) / (chunks - 1)));
  }
  return record;
}

RequestRecord Failed(Outcome outcome, int status = 0) {
  RequestRecord record;
  record.outcome = outcome;
  record.http_status = status;
  record.detail = "why";
  return record;
}

TEST(BenchSummary, DescribesASample) {
  const LatencyFigures figures = Describe({0.003, 0.001});
  EXPECT_EQ(figures.count, 2u);
  EXPECT_DOUBLE_EQ(figures.mean_ms, 2);
  EXPECT_DOUBLE_EQ(figures.std_ms, 1);
  EXPECT_DOUBLE_EQ(figures.median_ms, 2);
  EXPECT_DOUBLE_EQ(figures.p90_ms, 2.8);
  EXPECT_DOUBLE_EQ(figures.max_ms, 3);
  EXPECT_EQ(Describe({}).mean_ms, 0);
}

TEST(BenchSummary, DividesTheTimePerTokenByTokensAndNotByChunks) {
  // 2 chunks of 5 tokens in all, text between 0.1 s and 0.5 s: 4 tokens after the first in 0.4 s.
  const BenchSummary summary = Summarise({Completed(3, 0.1, 0.5, 2, 5)}, Seconds(2), {});
  EXPECT_NEAR(summary.ttft.mean_ms, 100, 1e-9);
  EXPECT_NEAR(summary.tpot.mean_ms, 100, 1e-9);
  EXPECT_NEAR(summary.itl.mean_ms, 400, 1e-3);
  EXPECT_NEAR(summary.e2el.mean_ms, 500, 1e-9);
  EXPECT_DOUBLE_EQ(summary.output_throughput, 2.5);
  EXPECT_DOUBLE_EQ(summary.total_token_throughput, 7.5);
  EXPECT_DOUBLE_EQ(summary.request_throughput, 0.5);
}

TEST(BenchSummary, MeasuresFromTheScheduledArrivalAndNotFromTheSending) {
  RequestRecord late = Completed(1, 6, 7, 2, 2);
  late.sent = Seconds(6);
  const BenchSummary summary = Summarise({late}, Seconds(10), {});
  EXPECT_DOUBLE_EQ(summary.ttft.mean_ms, 6000);
  EXPECT_DOUBLE_EQ(summary.e2el.mean_ms, 7000);
  EXPECT_DOUBLE_EQ(summary.send_delay.max_ms, 5000);
}

TEST(BenchSummary, CountsFailuresByKindAndKeepsThemOutOfTheLatencies) {
  const BenchSummary summary = Summarise(
      {Completed(0, 0.1, 0.2, 2, 2), Failed(Outcome::kHttpError, 429),
       Failed(Outcome::kHttpError, 429), Failed(Outcome::kTimedOut), Failed(Outcome::kCancelled)},
      Seconds(1), {});
  EXPECT_EQ(summary.completed, 1);
  EXPECT_EQ(summary.failed, 3);
  EXPECT_EQ(summary.cancelled, 1);
  EXPECT_EQ(summary.errors, (std::map<std::string, int>{{"http_429", 2}, {"timeout", 1}}));
  EXPECT_EQ(summary.error_samples.at("timeout"), "why");
  EXPECT_EQ(summary.ttft.count, 1u);
}

TEST(BenchSummary, HasNoTimeToATextThatNeverCame) {
  const BenchSummary summary = Summarise({Completed(0, 0, 1, 0, 1)}, Seconds(1), {});
  EXPECT_EQ(summary.completed, 1);
  EXPECT_EQ(summary.without_text, 1);
  EXPECT_EQ(summary.ttft.count, 0u);
  EXPECT_EQ(summary.e2el.count, 1u);
}

TEST(BenchSummary, CountsAsGoodWhatKeepsEveryLimit) {
  const auto limits = ParseGoodputLimits("ttft:200,tpot:100");
  ASSERT_TRUE(limits.ok());
  const BenchSummary summary =
      Summarise({Completed(0, 0.1, 0.2, 2, 2),  // keeps both
                 Completed(0, 0.3, 0.4, 2, 2),  // first text too late
                 Completed(0, 0.1, 0.9, 2, 2),  // then too slow
                 Completed(0, 0.1, 0.1, 1, 1),  // one token: only the first limit applies
                 Failed(Outcome::kTimedOut)},
                Seconds(4), *limits);
  EXPECT_DOUBLE_EQ(summary.request_goodput.value_or(-1), 0.5);
  EXPECT_FALSE(Summarise({}, Seconds(1), {}).request_goodput.has_value());
}

TEST(BenchSummary, RefusesGoodputLimitsByTheirPart) {
  for (const char* written : {"ttft", "ttft:", "ttft:x", "ttft:-1", "speed:3", "ttft:1,,"}) {
    EXPECT_FALSE(ParseGoodputLimits(written).ok()) << written;
  }
  EXPECT_NE(ParseGoodputLimits("ttft:5,foo:1").error().message.find("foo:1"), std::string::npos);
}

TEST(BenchSummary, ReportsClassesOnlyIfThereAreSeveral) {
  RequestRecord chat = Completed(0, 0.1, 0.2, 2, 2);
  chat.class_name = "chat";
  EXPECT_TRUE(SummariseClasses({chat, chat}, Seconds(1), {}).empty());
  RequestRecord code = Completed(0, 0.3, 0.4, 2, 2);
  code.class_name = "code";
  const auto classes = SummariseClasses({chat, code, chat}, Seconds(1), {});
  ASSERT_EQ(classes.size(), 2u);
  EXPECT_EQ(classes.at("chat").completed, 2);
  EXPECT_NEAR(classes.at("code").ttft.mean_ms, 300, 1e-9);
}

}  // namespace
}  // namespace turbospec
