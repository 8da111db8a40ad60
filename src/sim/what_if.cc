#include "sim/what_if.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "sim/parallel.h"
#include "workload/number_text.h"

namespace turbospec {
namespace {

constexpr std::size_t kMostCombinations = 1000;
constexpr Seconds kWatched{300};

Status Apply(Scenario& scenario, const std::string& axis, double value) {
  if (axis == "rate") {
    scenario.arrivals = "poisson:" + std::to_string(value);
    // An open load is watched for the same time whoever serves it.
    if (scenario.seconds == Seconds(0)) {
      scenario.seconds = kWatched;
      scenario.warm_up = kWatched / 10;
      scenario.steps = 0;
    }
  } else if (axis == "clients") {
    scenario.arrivals = "closed:" + std::to_string(std::llround(value));
  } else if (axis == "slots") {
    scenario.slots = static_cast<int>(value);
  } else if (axis == "replicas") {
    scenario.replicas = static_cast<int>(value);
  } else if (axis == "draft") {
    scenario.draft_model = value > 0;
    if (value > 0) scenario.draft_ratio = value;
    scenario.own_draft_cost = false;
  } else if (axis == "acceptance") {
    for (RequestClass& each : scenario.classes) each.acceptance.acceptance = value;
  } else {
    return InvalidArgument("what-if: \"" + axis +
                           "\" is not an axis; there are rate, clients, slots, replicas, draft and "
                           "acceptance");
  }
  return Ok();
}

// The scenario at one corner of the grid.
Result<Scenario> Varied(Scenario scenario, const std::vector<WhatIfAxis>& axes,
                        const std::vector<double>& values) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (Status applied = Apply(scenario, axes[i].name, values[i]); !applied.ok()) {
      return applied.error();
    }
  }
  if (Status valid = Validate(scenario); !valid.ok()) return valid.error();
  return scenario;
}

// The digits of `index` in the mixed base of the axes' sizes, as values; the last axis is fastest.
std::vector<double> ValuesAt(const std::vector<WhatIfAxis>& axes, std::size_t index) {
  std::vector<double> values(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    values[i] = axes[i].values[index % axes[i].values.size()];
    index /= axes[i].values.size();
  }
  return values;
}

}  // namespace

Result<std::vector<WhatIfAxis>> ParseWhatIf(std::string_view text) {
  std::vector<WhatIfAxis> axes;
  for (const std::string_view piece : PiecesOf(text, ',')) {
    const std::size_t equals = piece.find('=');
    if (equals == std::string_view::npos) {
      return InvalidArgument("what-if: \"" + std::string(piece) + "\" needs values: slots=4:8:16");
    }
    WhatIfAxis axis{.name = std::string(piece.substr(0, equals)), .values = {}};
    for (const std::string_view value : PiecesOf(piece.substr(equals + 1), ':')) {
      const auto number = NumberOf(value);
      if (!number || *number < 0 || *number > 1e6) {
        return InvalidArgument("what-if: \"" + std::string(value) + "\" of " + axis.name +
                               " is not a number from 0 to 1000000");
      }
      axis.values.push_back(*number);
    }
    Scenario probe;
    if (Status known = Apply(probe, axis.name, axis.values.front()); !known.ok()) {
      return known.error();
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

Result<WhatIf> SweepWhatIf(const Scenario& scenario, std::vector<WhatIfAxis> axes,
                           const std::string& controller, int threads) {
  std::size_t combinations = 1;
  for (const WhatIfAxis& axis : axes) combinations *= axis.values.size();
  if (combinations > kMostCombinations) {
    return InvalidArgument("what-if: " + std::to_string(combinations) + " combinations; at most " +
                           std::to_string(kMostCombinations));
  }
  const auto run = [&](std::size_t index) -> Result<WhatIfRow> {
    WhatIfRow row{.values = ValuesAt(axes, index)};
    auto varied = Varied(scenario, axes, row.values);
    if (!varied.ok()) return varied.error();
    auto plain = Simulate(*varied, "off");
    if (!plain.ok()) return plain.error();
    auto result = Simulate(*varied, controller);
    if (!result.ok()) return result.error();
    row.plain = *std::move(plain);
    row.result = *std::move(result);
    return row;
  };
  auto rows = InParallel<WhatIfRow>(combinations, threads, run);
  if (!rows.ok()) return rows.error();
  return WhatIf{std::move(axes), *std::move(rows)};
}

std::string WhatIfText(const WhatIf& what_if) {
  std::string text;
  const auto add = [&](const char* format, auto... values) {
    char cell[96];
    std::snprintf(cell, sizeof cell, format, values...);
    text += cell;
  };
  for (const WhatIfAxis& axis : what_if.axes) add("%10s ", axis.name.c_str());
  add("%10s %10s %7s %9s %9s %9s %9s %8s\n", "off tok/s", "tok/s", "gain", "ttft p50", "ttft p99",
      "tpot p50", "tpot p99", "refused");
  for (const WhatIfRow& row : what_if.rows) {
    for (const double value : row.values) add("%10g ", value);
    const double plain = row.plain.warm_tokens_per_second;
    const SimulationResult& with = row.result;
    add("%10.1f %10.1f %7.3f ", plain, with.warm_tokens_per_second,
        plain > 0 ? with.warm_tokens_per_second / plain : 0.0);
    add("%9.0f %9.0f %9.2f %9.2f %8lld\n", 1e3 * with.first_token.p50, 1e3 * with.first_token.p99,
        1e3 * with.per_token.p50, 1e3 * with.per_token.p99, static_cast<long long>(with.refused));
  }
  return text + "(times in ms; off: without speculation)\n";
}

}  // namespace turbospec
