#include "sim/comparison_page.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace turbospec {
namespace {

constexpr int kWidth = 760;
constexpr int kHeight = 220;
constexpr int kMargin = 60;
constexpr int kBuckets = 120;
constexpr std::array kColours = {"#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf"};

constexpr const char* kHead = R"(<!doctype html><html lang="en"><meta charset="utf-8">
<title>turbospec simulate</title><style>
body{font:14px sans-serif;max-width:860px;margin:24px auto;color:#222}
svg{background:#fafafa;border:1px solid #ddd}text{font-size:11px;fill:#444}
pre{background:#f4f4f4;padding:10px;overflow-x:auto}</style>
)";

struct Line {
  std::string name;
  std::vector<std::pair<double, double>> points;
};

std::string Escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '<') {
      safe += "&lt;";
    } else if (c == '&') {
      safe += "&amp;";
    } else {
      safe += c;
    }
  }
  return safe;
}

// What the lines span; 0 is always in sight.
struct Range {
  double right = 1e-9;
  double low = 0;
  double high = 1e-9;
};

Range RangeOf(const std::vector<Line>& lines) {
  Range range;
  for (const Line& line : lines) {
    for (const auto& [x, y] : line.points) {
      range.right = std::max(range.right, x);
      range.low = std::min(range.low, y);
      range.high = std::max(range.high, y);
    }
  }
  return range;
}

template <class... Values>
void Add(std::string& text, const char* format, Values... values) {
  char piece[256];
  std::snprintf(piece, sizeof piece, format, values...);
  text += piece;
}

void AddPlot(std::string& page, const std::string& title, const std::vector<Line>& lines) {
  const Range range = RangeOf(lines);
  const auto x = [&](double value) {
    return kMargin + (kWidth - kMargin - 10) * value / range.right;
  };
  const auto y = [&](double value) {
    return 10 + (kHeight - 40) * (range.high - value) / (range.high - range.low);
  };
  page += "<h2>" + Escaped(title) + "</h2>\n";
  Add(page, "<svg width=\"%d\" height=\"%d\">\n", kWidth, kHeight);
  for (int i = 0; i <= 4; ++i) {
    const double value = range.low + (range.high - range.low) * i / 4;
    Add(page, "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>", kMargin,
        kWidth - 10, y(value), y(value));
    Add(page, "<text x=\"4\" y=\"%.1f\">%.4g</text>\n", y(value) + 4, value);
    const double at = range.right * i / 4;
    Add(page, "<text x=\"%.1f\" y=\"%d\">%.4g s</text>\n", x(at) - 14, kHeight - 8, at);
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Add(page, "<polyline fill=\"none\" stroke=\"%s\" points=\"", kColours[i % kColours.size()]);
    for (const auto& [at, value] : lines[i].points) Add(page, "%.1f,%.1f ", x(at), y(value));
    page += "\"/>\n";
  }
  page += "</svg><p>";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Add(page, "<span style=\"color:%s\">&#9632;</span> ", kColours[i % kColours.size()]);
    page += Escaped(lines[i].name) + " &nbsp; ";
  }
  page += "</p>\n";
}

Line RateLine(const SimulationResult& result) {
  Line line{.name = result.controller, .points = {}};
  const std::vector<double> rates = RateSeries(result, result.elapsed, kBuckets);
  for (std::size_t i = 0; i < rates.size(); ++i) {
    line.points.emplace_back(result.elapsed.count() * (static_cast<double>(i) + 0.5) / kBuckets,
                             rates[i]);
  }
  return line;
}

Line RegretLine(const SimulationResult& result, const SimulationResult& best) {
  Line line{.name = result.controller, .points = {{0, 0}}};
  for (const RegretPoint& point : RegretOf(result, best, kBuckets)) {
    line.points.emplace_back(point.at.count(), point.tokens);
  }
  return line;
}

}  // namespace

std::string ComparisonPage(const Comparison& comparison) {
  std::string page = kHead;
  page += "<h1>" + Escaped(comparison.scenario.name) + "</h1>\n<pre>" +
          Escaped(ComparisonText(comparison)) + "</pre>\n";
  std::vector<Line> rates, regrets;
  for (const SimulationResult& result : comparison.results) rates.push_back(RateLine(result));
  if (comparison.hindsight) {
    const SimulationResult& best = comparison.hindsight->BestStatic().result;
    for (const SimulationResult& result : comparison.results) {
      regrets.push_back(RegretLine(result, best));
    }
    rates.push_back(RateLine(best));
    rates.push_back(RateLine(comparison.hindsight->clairvoyant));
  }
  AddPlot(page, "Goodput over time, tokens per second", rates);
  if (!regrets.empty()) AddPlot(page, "Tokens lost against the best static length", regrets);
  return page + "</html>\n";
}

}  // namespace turbospec
