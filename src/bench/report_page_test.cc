#include "bench/report_page.h"

#include <gtest/gtest.h>

#include <numeric>

namespace turbospec {
namespace {

RequestRecord Record(double at, std::vector<float> gaps, int tokens) {
  RequestRecord record;
  record.outcome = Outcome::kCompleted;
  record.scheduled = record.sent = Seconds(at);
  record.first_text = record.last_text = Seconds(at + 0.1);
  for (const float gap : gaps) record.last_text += Seconds(gap);
  record.ended = record.last_text;
  record.text_chunks = static_cast<int>(gaps.size()) + 1;
  record.chunk_gaps = std::move(gaps);
  record.output_tokens = tokens;
  return record;
}

LoadRun TwoRequests() {
  LoadRun run;
  run.records = {Record(2, {0.5F, 0.5F}, 6), Record(0, {3.0F}, 4)};
  run.elapsed = Seconds(4);
  return run;
}

std::size_t Count(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(ReportPage, LosesNoTokenInTheCurveOverTime) {
  const auto series = ReportSeries(TwoRequests());
  const std::vector<double> rate = series["tokens_per_second"];
  ASSERT_EQ(rate.size(), 20u);  // of 0.2 s
  EXPECT_NEAR(0.2 * std::reduce(rate.begin(), rate.end()), 10, 1e-9);
  EXPECT_NEAR(rate[0], 10, 1e-9);  // the first of two chunks of two tokens, at 0.1 s
  const std::vector<int> in_flight = series["in_flight"];
  EXPECT_EQ(in_flight[0], 1);
  EXPECT_EQ(in_flight[12], 2);  // at 2.5 s
  EXPECT_EQ(in_flight[19], 0);
}

TEST(ReportPage, SortsRequestsByArrivalAndDescribesThemByPercent) {
  const auto series = ReportSeries(TwoRequests());
  EXPECT_EQ(series["scheduled"], (std::vector<double>{0, 2}));
  EXPECT_NEAR(series["e2el_ms"][0], 3100, 1e-3);
  ASSERT_EQ(series["itl"].size(), 101u);
  EXPECT_NEAR(series["itl"][50], 500, 1e-3);
  EXPECT_NEAR(series["itl"][100], 3000, 1e-3);
}

TEST(ReportPage, DrawsARunWithoutAnyRequest) {
  const auto series = ReportSeries(LoadRun());
  EXPECT_TRUE(series["time"].empty());
  EXPECT_TRUE(series["scheduled"].empty());
  EXPECT_TRUE(series["ttft"][50].is_null());
}

TEST(ReportPage, NeedsNothingBesideItAndIsNotBrokenByWhatAServerSays) {
  LoadRun run = TwoRequests();
  RequestRecord hostile;
  hostile.outcome = Outcome::kHttpError;
  hostile.http_status = 500;
  hostile.detail = "</script><script>alert(1)</script>";
  run.records.push_back(hostile);
  const std::string page =
      ReportPage(MakeReport({{"url", "http://a {{UPLOT_SCRIPT}}"}}, std::move(run), {}));
  EXPECT_EQ(Count(page, "<script"), 3u);
  EXPECT_EQ(Count(page, "</script>"), 3u);
  EXPECT_EQ(Count(page, "alert(1)"), 1u);
  EXPECT_EQ(Count(page, "var uPlot=function"), 1u);
  EXPECT_EQ(Count(page, ".uplot {"), 1u);
  EXPECT_EQ(Count(page, "src=") + Count(page, "@import") + Count(page, "<link"), 0u);
  EXPECT_TRUE(page.ends_with("</html>\n"));
}

}  // namespace
}  // namespace turbospec
