// The figures of a comparison in every form in which they are written: Markdown for docs/results,
// JSON for programs, one HTML page with heat maps and a throughput-versus-latency plot. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "compare/grid.h"
#include "compare/point_statistics.h"

namespace turbospec::compare {

struct CompareReport {
  std::string name{};
  // What was measured where and when, as printed: {"machine", "…"}, {"command", "…"}, …
  std::vector<std::pair<std::string, std::string>> setup{};
  std::vector<Point> points{};
};

nlohmann::json ReportJson(const Grid& grid, const CompareReport& report);
std::string ReportMarkdown(const Grid& grid, const CompareReport& report);
// Needs no network.
std::string ReportHtml(const Grid& grid, const CompareReport& report);

}  // namespace turbospec::compare
