#include "bench/bench_summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/statistics.h"

namespace turbospec {
namespace {

struct Samples {
  std::vector<double> ttft, tpot, itl, e2el, send_delay;
};

double PerSecond(double amount, Seconds duration) {
  return duration.count() > 0 ? amount / duration.count() : 0;
}

void AddFailure(const RequestRecord& record, BenchSummary& summary) {
  if (record.outcome == Outcome::kCancelled) {
    ++summary.cancelled;
    return;
  }
  ++summary.failed;
  const std::string kind = ErrorKind(record);
  if (++summary.errors[kind] == 1) summary.error_samples[kind] = record.detail;
}

void AddCompleted(const RequestRecord& record, BenchSummary& summary, Samples& samples) {
  ++summary.completed;
  summary.total_input_tokens += record.prompt_tokens;
  summary.total_output_tokens += record.output_tokens;
  summary.total_text_chunks += record.text_chunks;
  if (!record.tokens_reported) ++summary.without_usage;
  samples.e2el.push_back(EndToEnd(record).count());
  if (record.text_chunks == 0) {
    ++summary.without_text;
    return;
  }
  samples.ttft.push_back(TimeToFirstText(record).count());
  if (record.output_tokens > 1) samples.tpot.push_back(TimePerOutputToken(record).count());
  samples.itl.insert(samples.itl.end(), record.chunk_gaps.begin(), record.chunk_gaps.end());
}

}  // namespace

LatencyFigures Describe(std::vector<double> seconds) {
  LatencyFigures figures;
  figures.count = seconds.size();
  if (seconds.empty()) return figures;
  std::ranges::sort(seconds);
  const auto count = static_cast<double>(seconds.size());
  const double mean = std::reduce(seconds.begin(), seconds.end()) / count;
  double squares = 0;
  for (const double value : seconds) squares += (value - mean) * (value - mean);
  figures.mean_ms = 1e3 * mean;
  figures.std_ms = 1e3 * std::sqrt(squares / count);
  figures.median_ms = 1e3 * Median(seconds);
  figures.p90_ms = 1e3 * Quantile(seconds, 0.9);
  figures.p99_ms = 1e3 * Quantile(seconds, 0.99);
  figures.max_ms = 1e3 * seconds.back();
  return figures;
}

BenchSummary Summarise(const std::vector<RequestRecord>& records, Seconds duration,
                       const GoodputLimits& limits) {
  BenchSummary summary;
  summary.duration = duration;
  Samples samples;
  for (const RequestRecord& record : records) {
    samples.send_delay.push_back((record.sent - record.scheduled).count());
    if (record.outcome == Outcome::kCompleted) {
      AddCompleted(record, summary, samples);
    } else {
      AddFailure(record, summary);
    }
  }
  const auto output = static_cast<double>(summary.total_output_tokens);
  const auto input = static_cast<double>(summary.total_input_tokens);
  summary.request_throughput = PerSecond(summary.completed, duration);
  summary.output_throughput = PerSecond(output, duration);
  summary.total_token_throughput = PerSecond(input + output, duration);
  if (limits.any()) {
    const auto good = std::ranges::count_if(
        records, [&](const RequestRecord& record) { return IsGood(record, limits); });
    summary.request_goodput = PerSecond(static_cast<double>(good), duration);
  }
  summary.ttft = Describe(std::move(samples.ttft));
  summary.tpot = Describe(std::move(samples.tpot));
  summary.itl = Describe(std::move(samples.itl));
  summary.e2el = Describe(std::move(samples.e2el));
  summary.send_delay = Describe(std::move(samples.send_delay));
  return summary;
}

std::map<std::string, BenchSummary> SummariseClasses(const std::vector<RequestRecord>& records,
                                                     Seconds duration,
                                                     const GoodputLimits& limits) {
  std::map<std::string, std::vector<RequestRecord>> classes;
  for (const RequestRecord& record : records) classes[record.class_name].push_back(record);
  std::map<std::string, BenchSummary> summaries;
  if (classes.size() < 2) return summaries;
  for (const auto& [name, members] : classes) {
    summaries.emplace(name, Summarise(members, duration, limits));
  }
  return summaries;
}

}  // namespace turbospec
