#include "bench/compare/compare_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/statistics.h"

namespace turbospec::compare {
namespace {

using nlohmann::json;

json ToJson(const Estimate& estimate) {
  json object = {{"median", estimate.median}};
  const std::string bounds = estimate.has_interval ? "interval_95" : "range";
  object[bounds] = {estimate.low, estimate.high};
  return object;
}

json ToJson(const ServerAtPoint& server) {
  json object = {{"server", server.server}, {"rounds", server.rounds}};
  if (server.failed_rounds > 0) {
    object["failed_rounds"] = server.failed_rounds;
    object["error"] = server.error;
  }
  if (server.rounds == 0) return object;
  object["tokens_per_second"] = ToJson(server.tokens_per_second);
  object["slowest"] = server.slowest;
  object["fastest"] = server.fastest;
  object["ttft_mean_ms"] = server.ttft_mean_ms;
  object["ttft_p99_ms"] = server.ttft_p99_ms;
  object["tpot_median_ms"] = server.tpot_median_ms;
  object["tpot_p99_ms"] = server.tpot_p99_ms;
  if (server.to_off) object["ratio_to_off"] = ToJson(*server.to_off);
  if (server.to_envelope) object["ratio_to_envelope"] = ToJson(*server.to_envelope);
  if (server.to_own_baseline) object["ratio_to_own_baseline"] = ToJson(*server.to_own_baseline);
  return object;
}

json ToJson(const Point& point) {
  json object = {{"model", point.model},
                 {"load", point.load},
                 {"mix", point.mix},
                 {"best_static", point.best_static},
                 {"servers", json::array()}};
  for (const ServerAtPoint& server : point.servers) object["servers"].push_back(ToJson(server));
  return object;
}

json ToJson(const Overall& server) {
  return {{"server", server.server},
          {"points", server.points},
          {"mean_to_off", server.mean_to_off},
          {"least_to_off", server.least_to_off},
          {"mean_to_envelope", server.mean_to_envelope},
          {"least_to_envelope", server.least_to_envelope}};
}

// Every different text once, in order.
class Distinct {
 public:
  void Add(const std::string& text) {
    if (std::ranges::find(texts_, text) == texts_.end()) texts_.push_back(text);
  }
  std::string Joined(std::string_view by) const { return fmt::format("{}", fmt::join(texts_, by)); }
  std::size_t size() const { return texts_.size(); }

 private:
  std::vector<std::string> texts_;
};

std::string RoundsText(const std::vector<Cell>& cells) {
  int most = 0;
  for (const Cell& cell : cells) most = std::max(most, cell.key.round + 1);
  const std::string text = std::to_string(most);
  return most < 3 ? text + ": too few for intervals, ranges are given instead" : text;
}

// A tenth of a core is what a machine does anyway; more is somebody at work.
std::string DisturbanceText(const std::vector<Cell>& cells) {
  constexpr double kQuiet = 0.1;
  std::vector<double> foreign;
  for (const Cell& cell : cells) {
    if (cell.error.empty()) foreign.push_back(cell.foreign_cores);
  }
  const auto disturbed = std::ranges::count_if(foreign, [](double c) { return c > kQuiet; });
  return fmt::format(
      "took {:.2f} cores at the median cell, {:.2f} at most; over {} in {} of {} cells",
      Quantile(foreign, 0.5), Quantile(foreign, 1), kQuiet, disturbed, foreign.size());
}

}  // namespace

CompareReport MakeReport(const Grid& grid, const std::vector<JournalRun>& runs,
                         const std::vector<Cell>& cells) {
  CompareReport report{.points = MakePoints(grid, cells)};
  Distinct machines, days, commands, models;
  std::map<std::string, Distinct> versions;
  for (const JournalRun& run : runs) {
    machines.Add(run.machine);
    days.Add(run.date.substr(0, run.date.find('T')));
    commands.Add(run.command);
    for (const auto& [name, files] : run.models) models.Add(name + " = " + files);
    for (const auto& [group, version] : run.versions) versions[group].Add(version);
  }
  report.setup = {{"machine", machines.Joined("; ")}, {"date", days.Joined(", ")}};
  for (const auto& [group, known] : versions) {
    report.setup.emplace_back(
        group, known.Joined("; ") + (known.size() > 1 ? " (changed between runs)" : ""));
  }
  report.setup.emplace_back("models", models.Joined("; "));
  report.setup.emplace_back("command", commands.Joined("; "));
  report.setup.emplace_back("compute threads of every server", std::to_string(grid.threads));
  report.setup.emplace_back(
      "requests", grid.split == Split::kHeldOut ? "of the held-out part" : "of the tuning part");
  report.setup.emplace_back("rounds", RoundsText(cells));
  double busiest = 0;
  for (const Cell& cell : cells) busiest = std::max(busiest, cell.client_cpu_share);
  report.setup.emplace_back("load client",
                            fmt::format("at most {:.0f} % of one core", 100 * busiest));
  report.setup.emplace_back("other programs", DisturbanceText(cells));
  return report;
}

json ReportJson(const Grid& grid, const CompareReport& report) {
  json object = {{"turbospec_compare_summary", 1},
                 {"name", grid.name},
                 {"setup", json::array()},
                 {"models", json::array()},
                 {"points", json::array()}};
  for (const auto& [what, value] : report.setup) object["setup"].push_back({what, value});
  for (const Point& point : report.points) object["points"].push_back(ToJson(point));
  for (const GridModel& model : grid.models) {
    json entry = {{"name", model.name}, {"note", model.note}, {"overall", json::array()}};
    for (const Overall& server : OverallOf(report.points, model.name)) {
      entry["overall"].push_back(ToJson(server));
    }
    if (const auto best = BestSingleStatic(grid, report.points, model.name)) {
      entry["best_single_static"] = best->server;
    }
    if (!entry["overall"].empty()) object["models"].push_back(std::move(entry));
  }
  return object;
}

}  // namespace turbospec::compare
