// The plot of a profile, written by hand: rows to the right, milliseconds upwards.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "cli/profile_report.h"
#include "cost/linear_fit.h"

namespace turbospec::cli {
namespace {

constexpr double kWidth = 560, kHeight = 380;  // of a panel
constexpr double kLeft = 64, kRight = 16, kTop = 56, kBottom = 44;
constexpr std::array<const char*, 8> kColours = {"#1b6ca8", "#d1495b", "#2e933c", "#8f5db7",
                                                 "#e08e1b", "#107e7d", "#7a4419", "#5c6672"};

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

// 1, 2 or 5 times a power of ten, so that some five steps reach `most`.
double TickStep(double most) {
  const double rough = most / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) return factor * power;
  }
  return 10 * power;
}

class Panel {
 public:
  Panel(double offset, double most_rows, double most_ms)
      : offset_(offset), most_rows_(most_rows), most_ms_(most_ms * 1.05) {}

  void Axes(const std::string& title) {
    Text(offset_ + kLeft, 20, title, "start", 14);
    const double bottom = Y(0), right = X(most_rows_);
    for (double ms = 0; ms <= most_ms_; ms += TickStep(most_ms_)) {
      Line(X(0), Y(ms), right, Y(ms), "#ddd");
      Text(X(0) - 6, Y(ms) + 4, fmt::format("{:g}", ms), "end", 11);
    }
    for (double rows = 0; rows <= most_rows_; rows += TickStep(most_rows_)) {
      Line(X(rows), bottom, X(rows), bottom + 4, "#888");
      Text(X(rows), bottom + 17, fmt::format("{:g}", rows), "middle", 11);
    }
    Text((X(0) + right) / 2, bottom + 34, "rows of a pass", "middle", 12);
    Text(X(0) - 6, kTop - 10, "ms", "end", 11);
  }

  // One form at one context: its points, the surface through them, the paper's line dashed.
  void Curve(const CostTables& tables, const CostGrid& grid, std::size_t context, bool spread,
             const CostSurface& surface, const LinearFit& fit) {
    const char* const colour = kColours[curves_ % kColours.size()];
    std::string path, line;
    for (int rows = grid.rows.front(); rows <= grid.rows.back(); ++rows) {
      const PassShape shape = {.sequences = spread ? tables.SequencesAt(rows) : 1,
                               .rows = rows,
                               .mean_context = grid.contexts[context]};
      path += Place(rows, surface.At(shape));
      line += Place(rows, std::max(Seconds(0), fit.Predict(shape)));
    }
    svg_ += Polyline(path, colour, "") + Polyline(line, colour, " stroke-dasharray=\"3 4\"");
    for (std::size_t r = 0; r < grid.rows.size(); ++r) {
      if (grid.measured[context * grid.rows.size() + r] == 0) continue;
      svg_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\" fill=\"{}\"/>\n",
                          X(grid.rows[r]), Y(1e3 * grid.at(context, r).count()), colour);
    }
    Text(X(0) + 14, kTop + 6 + 16 * static_cast<double>(curves_),
         fmt::format("{}, context {:.0f}",
                     spread ? fmt::format("{} sequences", tables.spread_sequences)
                            : std::string("1 sequence"),
                     grid.contexts[context]),
         "start", 12, colour);
    ++curves_;
  }

  const std::string& svg() const { return svg_; }

 private:
  double X(double rows) const {
    return offset_ + kLeft + rows / most_rows_ * (kWidth - kLeft - kRight);
  }
  double Y(double ms) const {
    return kHeight - kBottom - ms / most_ms_ * (kHeight - kTop - kBottom);
  }
  std::string Place(int rows, Seconds time) const {
    return fmt::format("{:.1f},{:.1f} ", X(rows), Y(1e3 * time.count()));
  }
  static std::string Polyline(const std::string& points, const char* colour, const char* more) {
    return fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\"{}/>\n", points, colour,
                       more);
  }
  void Line(double x1, double y1, double x2, double y2, const char* colour) {
    svg_ += fmt::format(
        "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n", x1, y1,
        x2, y2, colour);
  }
  void Text(double x, double y, const std::string& text, const char* anchor, int size,
            const char* colour = "#333") {
    svg_ += fmt::format(
        "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{}\" "
        "fill=\"{}\">{}</text>\n",
        x, y, anchor, size, colour, Escaped(text));
  }

  double offset_;
  double most_rows_;
  double most_ms_;
  std::size_t curves_ = 0;
  std::string svg_;
};

std::string PanelOf(const std::string& title, const ModelCosts& costs, double offset) {
  const auto surface = CostSurface::Create(costs.tables);
  const auto samples = SamplesOf(costs.tables, /*measured_only=*/true);
  const auto fit = FitLinear(samples);
  if (!surface.ok() || !fit.ok()) return {};
  double most_rows = 1, most_ms = 0;
  for (const CostSample& sample : SamplesOf(costs.tables, /*measured_only=*/false)) {
    most_rows = std::max(most_rows, static_cast<double>(sample.shape.rows));
    most_ms = std::max(most_ms, 1e3 * sample.seconds.count());
  }
  Panel panel(offset, most_rows, most_ms);
  panel.Axes(title);
  for (const bool spread : {false, true}) {
    const CostGrid& grid = spread ? costs.tables.spread : costs.tables.one;
    for (std::size_t c = 0; c < grid.contexts.size(); ++c) {
      panel.Curve(costs.tables, grid, c, spread, *surface, *fit);
    }
  }
  return panel.svg();
}

}  // namespace

std::string ProfileSvg(const CostProfile& profile) {
  const bool both = profile.draft && profile.key.draft;
  const double width = both ? 2 * kWidth : kWidth;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" "
      "height=\"{1:g}\" font-family=\"sans-serif\">\n<rect width=\"100%\" height=\"100%\" "
      "fill=\"#fff\"/>\n",
      width, kHeight);
  svg +=
      PanelOf("target " + profile.key.target.name + ": time of a pass (dashed: the paper's line)",
              profile.target, 0);
  if (both) svg += PanelOf("draft " + profile.key.draft->name, *profile.draft, kWidth);
  return svg + "</svg>\n";
}

}  // namespace turbospec::cli
