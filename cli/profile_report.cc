#include "cli/profile_report.h"

#include <fmt/format.h>

#include <cstddef>

#include "cost/linear_fit.h"

namespace turbospec::cli {
namespace {

double Milliseconds(Seconds time) {
  return 1e3 * time.count();
}

// Three digits or so, whatever the size.
std::string Short(double value) {
  const double size = value < 0 ? -value : value;
  return fmt::format("{:.{}f}", value, size < 1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0);
}

std::string GridText(const CostGrid& grid, const CostTables& tables, const CostSurface& surface,
                     const LinearFit& fit, bool spread) {
  std::string text = fmt::format("  {:>5}", "rows");
  for (const double context : grid.contexts) {
    text += fmt::format("  {:>18}", fmt::format("context {:.0f}", context));
  }
  text += "\n";
  for (std::size_t r = 0; r < grid.rows.size(); ++r) {
    const int rows = grid.rows[r];
    text += fmt::format("  {:>5}", rows);
    for (std::size_t c = 0; c < grid.contexts.size(); ++c) {
      const PassShape shape = {.sequences = spread ? tables.SequencesAt(rows) : 1,
                               .rows = rows,
                               .mean_context = grid.contexts[c]};
      const bool measured = grid.measured[c * grid.rows.size() + r] != 0;
      text += fmt::format("  {:>8} {:>9}",
                          (measured ? "" : "~") + Short(Milliseconds(surface.At(shape))),
                          "[" + Short(Milliseconds(fit.Predict(shape))) + "]");
    }
    text += "\n";
  }
  return text;
}

std::string ErrorText(const std::string& what, std::span<const CostSample> samples,
                      const CostSurface& surface, const LinearFit& fit) {
  if (samples.empty()) return "  error " + what + ": none were measured\n";
  const double of_surface =
      MeanAbsoluteError(samples, [&](const PassShape& s) { return surface.At(s); });
  const double of_line =
      MeanAbsoluteError(samples, [&](const PassShape& s) { return fit.Predict(s); });
  return fmt::format("  error {}: surface {:.1f} %, paper's line {:.1f} %\n", what,
                     100 * of_surface, 100 * of_line);
}

std::string ModelText(const std::string& role, const ProfiledModel& model,
                      const ModelCosts& costs) {
  const auto surface = CostSurface::Create(costs.tables);
  const auto samples = SamplesOf(costs.tables, /*measured_only=*/true);
  const auto fit = FitLinear(samples);
  if (!surface.ok() || !fit.ok()) return role + ": not a valid profile\n";
  std::string text = fmt::format("\n{} {}: milliseconds per pass (~ inferred) [the paper's line]\n",
                                 role, model.name);
  text += "\n  one sequence\n" +
          GridText(costs.tables.one, costs.tables, *surface, *fit, /*spread=*/false);
  if (costs.tables.spread_sequences > 1) {
    text += fmt::format("\n  {} sequences, equally long; fewer rows: one each\n",
                        costs.tables.spread_sequences) +
            GridText(costs.tables.spread, costs.tables, *surface, *fit, /*spread=*/true);
  }
  text += fmt::format(
      "\n  line: {:.4g} ms + {:.4g} ms per row + {:.4g} ms per attended token + {:.4g} ms per "
      "sequence\n",
      Milliseconds(fit->fixed), Milliseconds(fit->per_row), Milliseconds(fit->per_kv),
      Milliseconds(fit->per_sequence));
  text += ErrorText(fmt::format("on {} shapes between the grid's points", costs.checks.size()),
                    costs.checks, *surface, *fit);
  text += ErrorText(fmt::format("on the {} points of the grid", samples.size()), samples, *surface,
                    *fit);
  text +=
      fmt::format("  first pass of a shape: + {} ms; behind one of another shape: + {} ms\n",
                  Short(Milliseconds(costs.first_use)), Short(Milliseconds(costs.shape_change)));
  return text;
}

}  // namespace

std::string ProfileText(const CostProfile& profile) {
  const ProfileKey& key = profile.key;
  std::string text = fmt::format(
      "profile of {}, {}\n{}, {} cores; {}, {} threads, {} slots, KV {}, {}, {}\n",
      profile.measured_at, profile.mode == ProfileMode::kFull ? "full" : "quick", key.processor,
      key.cores, key.device, key.threads, key.slots, key.kv_type,
      key.batch_rule == BatchRule::kOnePass ? "ragged passes" : "passes of equal length",
      key.llama_version);
  text += ModelText("target", key.target, profile.target);
  if (key.draft && profile.draft) text += ModelText("draft", *key.draft, *profile.draft);
  text += fmt::format("\nhost: {:.0f} us per step + {:.1f} us per row (learned while serving)\n",
                      1e6 * profile.host.per_step.count(), 1e6 * profile.host.per_row.count());
  return text;
}

}  // namespace turbospec::cli
