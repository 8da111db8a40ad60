#include "sim/suite.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "sim/parallel.h"
#include "sim/suite_points.h"
#include "sim/told_costs.h"

namespace turbospec {
namespace {

struct NamedPlan {
  std::string_view name;
  SuitePlan (*plan)(const SuiteOptions&);
};

constexpr NamedPlan kPlans[] = {{"constant", PlanConstant},
                                {"mixed", PlanMixed},
                                {"phases", PlanPhases},
                                {"robust", PlanRobust},
                                {"recover", PlanRecover}};

constexpr int kQuickPoints = 8;

// About `wanted` points, spread so that every dimension of the suite varies: steps of the golden
// ratio visit a line evenly.
std::vector<SuitePoint> Thinned(std::vector<SuitePoint> points, int wanted) {
  const std::size_t size = points.size();
  if (wanted <= 0 || static_cast<std::size_t>(wanted) >= size) return points;
  std::vector<char> chosen(size);
  for (int i = 0; i < wanted; ++i) {
    const double place = std::fmod(0.31 + 0.6180339887 * i, 1.0);
    chosen[static_cast<std::size_t>(place * static_cast<double>(size))] = 1;
  }
  std::vector<SuitePoint> kept;
  for (std::size_t i = 0; i < size; ++i) {
    if (chosen[i]) kept.push_back(std::move(points[i]));
  }
  return kept;
}

}  // namespace

std::vector<std::string_view> SuiteNames() {
  std::vector<std::string_view> names;
  for (const NamedPlan& plan : kPlans) names.push_back(plan.name);
  return names;
}

Result<SuiteReport> RunSuite(std::string_view suite, const SuiteOptions& options) {
  const auto* found = std::ranges::find(kPlans, suite, &NamedPlan::name);
  if (found == std::end(kPlans)) {
    return InvalidArgument("there is no suite \"" + std::string(suite) +
                           "\"; there are constant, mixed, phases, robust and recover");
  }
  if (auto made = CheckController(options.controller); !made.ok()) return made.error();
  SuitePlan plan = found->plan(options);
  const int wanted = options.points > 0 ? options.points : options.quick ? kQuickPoints : 0;
  const std::vector<SuitePoint> points = Thinned(std::move(plan.points), wanted);
  auto rows = InParallel<SuiteRow>(points.size(), options.threads,
                                   [&](std::size_t i) { return points[i](); });
  if (!rows.ok()) return rows.error();
  SuiteReport report{.suite = std::string(suite),
                     .controller = options.controller,
                     .rows = *std::move(rows),
                     .misses = {}};
  report.mean = MeanRatio(report.rows, "");
  report.min = std::ranges::min_element(report.rows, {}, &SuiteRow::ratio)->ratio;
  for (const SuiteRow& row : report.rows) {
    for (const std::string& miss : row.misses) report.misses.push_back(row.point + ": " + miss);
  }
  plan.judge(report);
  return report;
}

std::string SuiteText(const SuiteReport& report) {
  std::string text;
  const auto add = [&](const char* format, auto... values) {
    char line[512];
    std::snprintf(line, sizeof line, format, values...);
    text += line;
  };
  add("%-52s %-24s %10s %10s %7s\n", "point", "reference", "tok/s", report.controller.c_str(),
      "ratio");
  for (const SuiteRow& row : report.rows) {
    add("%-52s %-24s %10.1f %10.1f %7.3f", row.point.c_str(), row.reference.c_str(),
        row.reference_rate, row.rate, row.ratio);
    for (const auto& [name, ratio] : row.others) add("  %s %.3f", name.c_str(), ratio);
    if (row.of_bound > 0) add("  of bound %.3f", row.of_bound);
    if (!row.note.empty()) text += "  " + row.note;
    text += row.misses.empty() ? "\n" : "  MISSED\n";
  }
  if (report.rows.front().of_bound > 0) {
    double sum = 0;
    for (const SuiteRow& row : report.rows) sum += row.of_bound;
    const SuiteRow& least = *std::ranges::min_element(report.rows, {}, &SuiteRow::of_bound);
    add("share of the clairvoyant bound: mean %.3f, least %.3f at %s\n",
        sum / static_cast<double>(report.rows.size()), least.of_bound, least.point.c_str());
  }
  for (const std::string& miss : report.misses) text += "missed: " + miss + "\n";
  add("suite=%s mean=%.4f min=%.4f points=%zu missed=%zu\n", report.suite.c_str(), report.mean,
      report.min, report.rows.size(), report.misses.size());
  return text;
}

}  // namespace turbospec
