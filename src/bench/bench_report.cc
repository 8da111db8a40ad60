#include "bench/bench_report.h"

#include <fmt/format.h>

#include <algorithm>

namespace turbospec {
namespace {

using nlohmann::json;

constexpr int kFormatVersion = 1;

void AddFigures(json& into, const std::string& name, const LatencyFigures& figures) {
  into["mean_" + name + "_ms"] = figures.mean_ms;
  into["median_" + name + "_ms"] = figures.median_ms;
  into["std_" + name + "_ms"] = figures.std_ms;
  into["p90_" + name + "_ms"] = figures.p90_ms;
  into["p99_" + name + "_ms"] = figures.p99_ms;
  into["max_" + name + "_ms"] = figures.max_ms;
}

json SummaryJson(const BenchSummary& summary) {
  json made = {{"duration", summary.duration.count()},
               {"completed", summary.completed},
               {"failed", summary.failed},
               {"cancelled", summary.cancelled},
               {"errors", summary.errors},
               {"error_samples", summary.error_samples},
               {"total_input_tokens", summary.total_input_tokens},
               {"total_output_tokens", summary.total_output_tokens},
               {"total_text_chunks", summary.total_text_chunks},
               {"completed_without_usage", summary.without_usage},
               {"completed_without_text", summary.without_text},
               {"request_throughput", summary.request_throughput},
               {"output_throughput", summary.output_throughput},
               {"total_token_throughput", summary.total_token_throughput}};
  if (summary.request_goodput) made["request_goodput"] = *summary.request_goodput;
  AddFigures(made, "ttft", summary.ttft);
  AddFigures(made, "tpot", summary.tpot);
  AddFigures(made, "itl", summary.itl);
  AddFigures(made, "e2el", summary.e2el);
  made["max_send_delay_ms"] = summary.send_delay.max_ms;
  return made;
}

json RequestJson(const RequestRecord& record) {
  json made = {{"scheduled", record.scheduled.count()},
               {"sent", record.sent.count()},
               {"ended", record.ended.count()},
               {"text_chunks", record.text_chunks},
               {"input_tokens", record.prompt_tokens},
               {"output_tokens", record.output_tokens},
               {"error", ErrorKind(record)}};
  if (record.text_chunks > 0) {
    made["first_text"] = record.first_text.count();
    made["last_text"] = record.last_text.count();
  }
  if (!record.class_name.empty()) made["class"] = record.class_name;
  return made;
}

template <class Value>
void Line(std::string& table, const std::string& name, const Value& value) {
  table += fmt::format("  {:<32}{:>14}\n", name, value);
}

void Rate(std::string& table, const std::string& name, double value) {
  Line(table, name, fmt::format("{:.2f}", value));
}

void FiguresRow(std::string& table, const char* name, const LatencyFigures& figures) {
  table +=
      fmt::format("  {:<8}{:>10.2f}{:>10.2f}{:>10.2f}{:>10.2f}{:>10.2f}\n", name, figures.mean_ms,
                  figures.median_ms, figures.p90_ms, figures.p99_ms, figures.max_ms);
}

void AddLatencies(std::string& table, const BenchSummary& summary) {
  table += fmt::format("  {:<8}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "ms", "mean", "p50", "p90", "p99",
                       "max");
  FiguresRow(table, "TTFT", summary.ttft);
  FiguresRow(table, "TPOT", summary.tpot);
  FiguresRow(table, "ITL *", summary.itl);
  FiguresRow(table, "E2EL", summary.e2el);
}

// One line a class. The first column is as wide as the longest name.
void AddClasses(std::string& table, const std::map<std::string, BenchSummary>& classes) {
  if (classes.empty()) return;
  std::size_t width = 8;
  for (const auto& [name, part] : classes) width = std::max(width, name.size() + 2);
  table += fmt::format("  {:<{}}{:>8}{:>8}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "class", width, "done",
                       "failed", "tokens", "tokens/s", "TTFT p50", "TPOT p50", "E2EL p50");
  for (const auto& [name, part] : classes) {
    table +=
        fmt::format("  {:<{}}{:>8}{:>8}{:>10}{:>10.2f}{:>10.2f}{:>10.2f}{:>10.2f}\n", name, width,
                    part.completed, part.failed, part.total_output_tokens, part.output_throughput,
                    part.ttft.median_ms, part.tpot.median_ms, part.e2el.median_ms);
  }
}

void AddErrors(std::string& table, const BenchSummary& summary) {
  for (const auto& [kind, count] : summary.errors) {
    const std::string& sample = summary.error_samples.at(kind);
    table += fmt::format("  {} x {}{}{}\n", count, kind, sample.empty() ? "" : ": ", sample);
  }
}

}  // namespace

BenchReport MakeReport(std::vector<std::pair<std::string, std::string>> setup, LoadRun run,
                       const GoodputLimits& limits) {
  BenchReport report;
  report.setup = std::move(setup);
  report.summary = Summarise(run.records, run.elapsed, limits);
  report.classes = SummariseClasses(run.records, run.elapsed, limits);
  report.run = std::move(run);
  return report;
}

double CpuShare(const LoadRun& run) {
  return run.elapsed.count() > 0 ? run.cpu_time / run.elapsed : 0;
}

json ReportJson(const BenchReport& report, bool with_requests) {
  json made = SummaryJson(report.summary);
  made["format"] = "turbospec-bench";
  made["version"] = kFormatVersion;
  for (const auto& [name, value] : report.setup) made["setup"][name] = value;
  made["interrupted"] = report.run.stopped;
  made["warmup_requests"] = report.run.warmup_requests;
  made["max_concurrent_requests"] = report.run.max_in_flight;
  made["client_cpu_seconds"] = report.run.cpu_time.count();
  made["client_cpu_share"] = CpuShare(report.run);
  for (const auto& [name, summary] : report.classes) made["classes"][name] = SummaryJson(summary);
  if (with_requests) {
    made["requests"] = json::array();
    for (const auto& record : report.run.records) made["requests"].push_back(RequestJson(record));
  }
  return made;
}

std::string ReportTable(const BenchReport& report) {
  const BenchSummary& summary = report.summary;
  std::string table = "Load client result";
  table += report.run.stopped ? " (interrupted)\n" : "\n";
  for (const auto& [name, value] : report.setup) {
    table += fmt::format("  {:<15} {}\n", name, value);
  }
  Rate(table, "duration (s)", summary.duration.count());
  Line(table, "completed", summary.completed);
  Line(table, "failed", summary.failed);
  if (summary.cancelled > 0) Line(table, "cancelled", summary.cancelled);
  Line(table, "input tokens", summary.total_input_tokens);
  Line(table, "output tokens", summary.total_output_tokens);
  Rate(table, "requests/s", summary.request_throughput);
  Rate(table, "output tokens/s", summary.output_throughput);
  if (summary.request_goodput) Rate(table, "good requests/s", *summary.request_goodput);
  Line(table, "most requests at once", report.run.max_in_flight);
  Rate(table, "late sending, at most (ms)", summary.send_delay.max_ms);
  Line(table, "client CPU (of one core)", fmt::format("{:.1f} %", 100 * CpuShare(report.run)));
  AddLatencies(table, summary);
  AddClasses(table, report.classes);
  AddErrors(table, summary);
  if (summary.without_usage > 0) {
    table += fmt::format("  {} responses had no usage: their tokens are counted by chunks\n",
                         summary.without_usage);
  }
  return table + "  * between chunks; a chunk may carry several tokens\n";
}

std::string ProgressLine(const LoadProgress& progress) {
  return fmt::format("{}{:.1f} s  {} running  {} done  {} failed  {} chunks",
                     progress.warming_up ? "warm-up " : "", progress.elapsed.count(),
                     progress.in_flight, progress.completed, progress.failed, progress.text_chunks);
}

}  // namespace turbospec
