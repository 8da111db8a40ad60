#include "bench/report_page.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "core/statistics.h"

namespace turbospec {

// Made from the files of the same names at build time (cmake/EmbedText.cmake).
extern const std::string_view kReportPageHtml;
extern const std::string_view kReportPageScript;
extern const std::string_view kUplotScript;
extern const std::string_view kUplotStyle;

namespace {

using nlohmann::json;

constexpr int kMostBins = 300;
constexpr int kPercents = 100;

// Spreads a request's tokens over its chunks, evenly, since a chunk does not say how many it has.
void AddTokens(const RequestRecord& record, double bin_seconds, std::vector<double>& tokens) {
  if (record.text_chunks == 0) return;
  const double each = record.output_tokens / static_cast<double>(record.text_chunks);
  const auto add = [&](double at) {
    const auto bin = static_cast<std::size_t>(std::max(0.0, at / bin_seconds));
    tokens[std::min(bin, tokens.size() - 1)] += each;
  };
  double at = record.first_text.count();
  add(at);
  for (const float gap : record.chunk_gaps) add(at += gap);
}

void AddOverTime(const LoadRun& run, json& series) {
  const double elapsed = run.elapsed.count();
  // Whole seconds where there are few; a bin of a long run is longer, so that the page stays small.
  const double bin_seconds = std::max(std::min(1.0, elapsed / 20), elapsed / kMostBins);
  const std::size_t bins =
      elapsed > 0 ? static_cast<std::size_t>(std::ceil(elapsed / bin_seconds)) : 0;
  std::vector<double> tokens(bins);
  for (const auto& record : run.records) {
    if (bins > 0 && record.outcome == Outcome::kCompleted) AddTokens(record, bin_seconds, tokens);
  }
  std::vector<double> time(bins);
  std::vector<std::int64_t> in_flight(bins);
  for (std::size_t i = 0; i < bins; ++i) {
    time[i] = (static_cast<double>(i) + 0.5) * bin_seconds;
    const double width = std::min(bin_seconds, elapsed - static_cast<double>(i) * bin_seconds);
    tokens[i] /= std::max(width, 1e-9);
    in_flight[i] = std::ranges::count_if(run.records, [&](const RequestRecord& record) {
      return record.sent.count() <= time[i] && record.ended.count() > time[i];
    });
  }
  series["time"] = time;
  series["tokens_per_second"] = tokens;
  series["in_flight"] = in_flight;
}

json Percentiles(std::vector<double> sample_ms) {
  json values = json::array();
  std::ranges::sort(sample_ms);
  for (int percent = 0; percent <= kPercents; ++percent) {
    values.push_back(sample_ms.empty()
                         ? json(nullptr)
                         : json(Quantile(sample_ms, static_cast<double>(percent) / kPercents)));
  }
  return values;
}

void AddLatencies(const LoadRun& run, json& series) {
  std::vector<const RequestRecord*> shown;
  for (const auto& record : run.records) {
    if (record.outcome == Outcome::kCompleted && record.text_chunks > 0) shown.push_back(&record);
  }
  std::ranges::sort(shown, {}, [](const RequestRecord* record) { return record->scheduled; });
  std::vector<double> scheduled, ttft, tpot, itl, e2el;
  for (const RequestRecord* record : shown) {
    scheduled.push_back(record->scheduled.count());
    ttft.push_back(1e3 * TimeToFirstText(*record).count());
    e2el.push_back(1e3 * EndToEnd(*record).count());
    if (record->output_tokens > 1) tpot.push_back(1e3 * TimePerOutputToken(*record).count());
    for (const float gap : record->chunk_gaps) itl.push_back(1e3 * gap);
  }
  series["scheduled"] = scheduled;
  series["ttft_ms"] = ttft;
  series["e2el_ms"] = e2el;
  for (int percent = 0; percent <= kPercents; ++percent) series["percent"].push_back(percent);
  series["ttft"] = Percentiles(std::move(ttft));
  series["tpot"] = Percentiles(std::move(tpot));
  series["itl"] = Percentiles(std::move(itl));
  series["e2el"] = Percentiles(std::move(e2el));
}

// "<" stands in strings of JSON only, and there it may be written so: nothing ends the element.
std::string JsonForHtml(const json& value) {
  std::string made;
  for (const char c : value.dump(-1, ' ', false, json::error_handler_t::replace)) {
    if (c == '<') {
      made += "\\u003c";
    } else {
      made += c;
    }
  }
  return made;
}

}  // namespace

json ReportSeries(const LoadRun& run) {
  json series;
  AddOverTime(run, series);
  AddLatencies(run, series);
  return series;
}

std::string ReportPage(const BenchReport& report) {
  const std::string data =
      JsonForHtml({{"result", ReportJson(report, false)}, {"series", ReportSeries(report.run)}});
  const std::initializer_list<std::pair<std::string_view, std::string_view>> parts = {
      {"{{UPLOT_STYLE}}", kUplotStyle},
      {"{{REPORT}}", data},
      {"{{UPLOT_SCRIPT}}", kUplotScript},
      {"{{PAGE_SCRIPT}}", kReportPageScript}};
  std::string page;
  std::string_view rest = kReportPageHtml;
  for (const auto& [mark, text] : parts) {  // in the order in which the page has them
    const std::size_t at = rest.find(mark);
    page.append(rest.substr(0, at)).append(text);
    rest.remove_prefix(at + mark.size());
  }
  return page.append(rest);
}

}  // namespace turbospec
