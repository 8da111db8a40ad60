// The Markdown form of the comparison: one table per model and mix, then who won where.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "bench/compare/compare_report.h"

namespace turbospec::compare {
namespace {

const Point* Find(const std::vector<Point>& points, const std::string& model,
                  const std::string& load, const std::string& mix) {
  const auto found = std::ranges::find_if(points, [&](const Point& point) {
    return point.model == model && point.load == load && point.mix == mix;
  });
  return found == points.end() ? nullptr : &*found;
}

// "12.3 (1.45)": tokens per second and the ratio to no speculation.
std::string CellText(const ServerAtPoint* server) {
  if (server == nullptr) return "";
  if (server->rounds == 0) return "failed: " + server->error;
  std::string text = fmt::format("{:.1f}", server->tokens_per_second.median);
  std::string ratios;
  if (server->to_off) ratios = fmt::format("{:.2f}", server->to_off->median);
  if (server->to_own_baseline) ratios += fmt::format("; {:.2f}", server->to_own_baseline->median);
  if (!ratios.empty()) text += " (" + ratios + ")";
  return server->failed_rounds > 0 ? text + " !" : text;
}

std::string Header(const std::string& first, const std::vector<std::string>& columns) {
  std::string text = "| " + first + " |";
  for (const std::string& column : columns) text += " " + column + " |";
  text += "\n| --- |";
  for (std::size_t i = 0; i < columns.size(); ++i) text += " ---: |";
  return text + "\n";
}

// Rows that are empty everywhere are left out.
void AddRow(const std::string& name, const std::vector<std::string>& cells, std::string& out) {
  if (std::ranges::all_of(cells, &std::string::empty)) return;
  out += "| " + name + " |";
  for (const std::string& cell : cells) out += " " + cell + " |";
  out += "\n";
}

// The tables of one model: its mixes, and the loads at which each was measured.
class ModelTables {
 public:
  ModelTables(const Grid& grid, const std::vector<Point>& points, const GridModel& model,
              std::string& out)
      : grid_(grid), points_(points), model_(model), out_(out) {}

  void Write() {
    out_ += "\n## " + model_.name + "\n";
    if (!model_.note.empty()) out_ += "\n" + model_.note + "\n";
    for (const std::string& mix : Mixes()) WriteMix(mix);
    WriteWinners();
    WriteOverall();
  }

 private:
  std::vector<std::string> Mixes() const {
    std::vector<std::string> mixes;
    for (const Point& point : points_) {
      if (point.model != model_.name) continue;
      if (std::ranges::find(mixes, point.mix) == mixes.end()) mixes.push_back(point.mix);
    }
    return mixes;
  }

  std::vector<std::string> LoadsOf(const std::string& mix) const {
    std::vector<std::string> loads;
    for (const GridLoad& load : grid_.loads) {
      if (Find(points_, model_.name, load.name, mix) != nullptr) loads.push_back(load.name);
    }
    return loads;
  }

  void WriteMix(const std::string& mix) {
    const std::vector<std::string> loads = LoadsOf(mix);
    out_ += "\n### " + model_.name + ", " + mix + "\n\n" + Header("server", loads);
    for (const GridServer& server : grid_.servers) {
      std::vector<std::string> cells;
      for (const std::string& load : loads) {
        const Point& point = *Find(points_, model_.name, load, mix);
        const std::string text = CellText(point.Find(server.name));
        cells.push_back(point.best_static == server.name ? "**" + text + "**" : text);
      }
      AddRow("`" + server.name + "`", cells, out_);
    }
  }

  // "`fixed:3` 1.62": the fastest of a group at a point and its ratio to no speculation.
  std::string Fastest(const Point* point, const std::string& group) const {
    const ServerAtPoint* best = nullptr;
    for (const GridServer& server : grid_.servers) {
      if (point == nullptr || server.group != group) continue;
      const ServerAtPoint* at = point->Find(server.name);
      if (at == nullptr || at->rounds == 0) continue;
      if (best == nullptr || at->tokens_per_second.median > best->tokens_per_second.median) {
        best = at;
      }
    }
    if (best == nullptr) return "";
    std::string text = "`" + best->server + "`";
    if (best->to_off) text += fmt::format(" {:.2f}", best->to_off->median);
    return text;
  }

  void WriteWinners() {
    std::vector<std::string> loads;
    for (const GridLoad& load : grid_.loads) {
      const bool measured = std::ranges::any_of(points_, [&](const Point& point) {
        return point.model == model_.name && point.load == load.name;
      });
      if (measured) loads.push_back(load.name);
    }
    out_ += "\n### " + model_.name + ": the fastest of each group, with its ratio\n\n" +
            Header("mix, group", loads);
    std::vector<std::string> groups;
    for (const GridServer& server : grid_.servers) {
      if (std::ranges::find(groups, server.group) == groups.end()) groups.push_back(server.group);
    }
    for (const std::string& mix : Mixes()) {
      for (const std::string& group : groups) {
        std::vector<std::string> cells;
        cells.reserve(loads.size());
        for (const std::string& load : loads) {
          cells.push_back(Fastest(Find(points_, model_.name, load, mix), group));
        }
        AddRow(fmt::format("{}, {}", mix, group), cells, out_);
      }
    }
  }

  void WriteOverall() {
    const auto write = std::back_inserter(out_);
    fmt::format_to(write, "\n### {}: over all points\n\n", model_.name);
    if (const auto best = BestSingleStatic(grid_, points_, model_.name)) {
      fmt::format_to(write,
                     "The best single hand-tuned choice for all points is `{}`: {:.3f} of no "
                     "speculation, {:.3f} of the best choice of each point (geometric means).\n\n",
                     best->server, best->mean_to_off, best->mean_to_envelope);
    }
    out_ += Header("server", {"points", "to no speculation: mean", "least",
                              "to the best static of the point: mean", "least"});
    for (const Overall& server : OverallOf(points_, model_.name)) {
      fmt::format_to(write, "| `{}` | {} | {:.3f} | {:.3f} | {:.3f} | {:.3f} |\n", server.server,
                     server.points, server.mean_to_off, server.least_to_off,
                     server.mean_to_envelope, server.least_to_envelope);
    }
  }

  const Grid& grid_;
  const std::vector<Point>& points_;
  const GridModel& model_;
  std::string& out_;
};

// Half the widest interval of a ratio to no speculation; 0 = no ratio has one.
double WidestInterval(const std::vector<Point>& points) {
  double widest = 0;
  for (const Point& point : points) {
    for (const ServerAtPoint& server : point.servers) {
      if (!server.to_off || !server.to_off->has_interval) continue;
      widest = std::max(widest, (server.to_off->high - server.to_off->low) / 2);
    }
  }
  return widest;
}

}  // namespace

std::string ReportMarkdown(const Grid& grid, const CompareReport& report) {
  std::string out = "# " + grid.name + "\n\n";
  const auto write = std::back_inserter(out);
  for (const auto& [what, value] : report.setup) fmt::format_to(write, "- {}: {}\n", what, value);
  out +=
      "\nA cell is the median of output tokens per second over the rounds and, in parentheses, the "
      "median of the ratios to no speculation within a round (after a semicolon: to the server's "
      "own baseline). Columns are the clients of a closed loop, or a load by name. Bold: the best "
      "hand-tuned choice of the point. \"!\": some rounds failed.\n";
  if (const double widest = WidestInterval(report.points); widest > 0) {
    fmt::format_to(write, "The widest 95 % interval of a ratio to no speculation is ±{:.2f}.\n",
                   widest);
  }
  for (const GridModel& model : grid.models) {
    if (std::ranges::count(report.points, model.name, &Point::model) == 0) continue;
    ModelTables(grid, report.points, model, out).Write();
  }
  return out;
}

}  // namespace turbospec::compare
