#include "compare/compare_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace turbospec::compare {
namespace {

using nlohmann::json;

json ToJson(const Estimate& estimate) {
  return {{"median", estimate.median}, {"low", estimate.low}, {"high", estimate.high}};
}

json ToJson(const ServerAtPoint& server) {
  json object = {{"server", server.server},
                 {"rounds", server.rounds},
                 {"tokens_per_second", ToJson(server.tokens_per_second)},
                 {"slowest", server.slowest},
                 {"fastest", server.fastest},
                 {"ttft_mean_ms", server.ttft_mean_ms},
                 {"tpot_median_ms", server.tpot_median_ms},
                 {"tpot_p99_ms", server.tpot_p99_ms}};
  if (server.to_off) object["ratio_to_off"] = ToJson(*server.to_off);
  if (server.to_envelope) object["ratio_to_envelope"] = ToJson(*server.to_envelope);
  if (!server.error.empty()) object["error"] = server.error;
  return object;
}

// "12.3 (1.45)": tokens per second and the ratio to no speculation.
std::string CellText(const ServerAtPoint* server) {
  if (server == nullptr) return "";
  if (server->rounds == 0) return "failed";
  std::string text = fmt::format("{:.1f}", server->tokens_per_second.median);
  if (server->to_off) text += fmt::format(" ({:.2f})", server->to_off->median);
  return text;
}

const Point* Find(const std::vector<Point>& points, const std::string& model,
                  const std::string& load, const std::string& mix) {
  const auto found = std::ranges::find_if(points, [&](const Point& point) {
    return point.model == model && point.load == load && point.mix == mix;
  });
  return found == points.end() ? nullptr : &*found;
}

void WriteTable(const Grid& grid, const std::vector<Point>& points, const std::string& model,
                const std::string& mix, std::string& out) {
  const auto write = std::back_inserter(out);
  fmt::format_to(write, "\n### {}, `{}`\n\n| server |", model, mix);
  for (const GridLoad& load : grid.loads) fmt::format_to(write, " {} |", load.name);
  fmt::format_to(write, "\n| --- |");
  for (std::size_t i = 0; i < grid.loads.size(); ++i) fmt::format_to(write, " ---: |");
  for (const GridServer& server : grid.servers) {
    std::string row = fmt::format("\n| `{}` |", server.name);
    bool any = false;
    for (const GridLoad& load : grid.loads) {
      const Point* point = Find(points, model, load.name, mix);
      std::string text = CellText(point == nullptr ? nullptr : point->Find(server.name));
      any = any || !text.empty();
      if (point != nullptr && point->best_static == server.name) text = "**" + text + "**";
      row += " " + text + " |";
    }
    if (any) out += row;
  }
  out += "\n";
}

void WriteOverall(const std::vector<Point>& points, const std::string& model, std::string& out) {
  const auto write = std::back_inserter(out);
  fmt::format_to(
      write,
      "\n### {}: over all points\n\n| server | points | to off: mean | least | to the best "
      "static of the point: mean | least |\n| --- | ---: | ---: | ---: | ---: | ---: |\n",
      model);
  for (const Overall& server : OverallOf(points, model)) {
    fmt::format_to(write, "| `{}` | {} | {:.3f} | {:.3f} | {:.3f} | {:.3f} |\n", server.server,
                   server.points, server.mean_to_off, server.least_to_off, server.mean_to_envelope,
                   server.least_to_envelope);
  }
}

// The widest of all intervals that three rounds or more gave, as half its width.
double WidestInterval(const std::vector<Point>& points) {
  double widest = 0;
  for (const Point& point : points) {
    for (const ServerAtPoint& server : point.servers) {
      if (server.rounds < 2 || !server.to_off) continue;
      widest = std::max(widest, (server.to_off->high - server.to_off->low) / 2);
    }
  }
  return widest;
}

}  // namespace

json ReportJson(const Grid& grid, const CompareReport& report) {
  json object = {{"turbospec_compare_summary", 1}, {"name", report.name}};
  for (const auto& [what, value] : report.setup) object["setup"][what] = value;
  object["points"] = json::array();
  for (const Point& point : report.points) {
    json entry = {{"model", point.model},
                  {"load", point.load},
                  {"mix", point.mix},
                  {"best_static", point.best_static},
                  {"servers", json::array()}};
    for (const ServerAtPoint& server : point.servers) entry["servers"].push_back(ToJson(server));
    object["points"].push_back(std::move(entry));
  }
  for (const GridModel& model : grid.models) {
    for (const Overall& server : OverallOf(report.points, model.name)) {
      object["overall"][model.name].push_back({{"server", server.server},
                                               {"points", server.points},
                                               {"mean_to_off", server.mean_to_off},
                                               {"least_to_off", server.least_to_off},
                                               {"mean_to_envelope", server.mean_to_envelope},
                                               {"least_to_envelope", server.least_to_envelope}});
    }
  }
  return object;
}

std::string ReportMarkdown(const Grid& grid, const CompareReport& report) {
  std::string out = "# " + report.name + "\n\n";
  for (const auto& [what, value] : report.setup) {
    fmt::format_to(std::back_inserter(out), "- {}: {}\n", what, value);
  }
  out +=
      "\nA cell is the median of output tokens per second over the rounds and, in parentheses, the "
      "median of the ratios to no speculation of the same round. Columns are the clients of a "
      "closed "
      "loop, or a load by name. Bold: the best hand-tuned choice at that point.\n";
  fmt::format_to(std::back_inserter(out),
                 "The widest 95 % interval of a ratio to no speculation is +-{:.2f}.\n",
                 WidestInterval(report.points));
  for (const GridModel& model : grid.models) {
    const bool measured = std::ranges::any_of(
        report.points, [&](const Point& point) { return point.model == model.name; });
    if (!measured) continue;
    fmt::format_to(std::back_inserter(out), "\n## {}\n", model.name);
    if (!model.note.empty()) out += "\n" + model.note + "\n";
    for (const GridMix& mix : grid.mixes)
      WriteTable(grid, report.points, model.name, mix.name, out);
    WriteOverall(report.points, model.name, out);
  }
  return out;
}

}  // namespace turbospec::compare
