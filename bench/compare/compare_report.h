// The figures of a comparison in every form in which they are written: Markdown for people, JSON
// for programs, one HTML page with heat maps and a throughput-versus-latency plot. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bench/compare/grid.h"
#include "bench/compare/journal.h"
#include "bench/compare/point_statistics.h"

namespace turbospec::compare {

struct CompareReport {
  // What was measured where and when, as printed: {"machine", "…"}, {"command", "…"}, …
  std::vector<std::pair<std::string, std::string>> setup{};
  std::vector<Point> points{};
};

// From what the journal notes about its runs, not from where and when the report is made.
CompareReport MakeReport(const Grid& grid, const std::vector<JournalRun>& runs,
                         const std::vector<Cell>& cells);

// docs/compare.md names the fields.
nlohmann::json ReportJson(const Grid& grid, const CompareReport& report);
std::string ReportMarkdown(const Grid& grid, const CompareReport& report);
// Needs no network.
std::string ReportHtml(const Grid& grid, const CompareReport& report);

}  // namespace turbospec::compare
