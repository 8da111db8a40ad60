// Controllers side by side on one scenario, with what hindsight would have done, as text and as
// JSON. The result of `turbospec simulate --scenario`.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "sim/simulation.h"

namespace turbospec {

// What nobody knows beforehand.
struct Hindsight {
  std::vector<StaticResult> statics{};
  SimulationResult clairvoyant{};

  const StaticResult& BestStatic() const { return BestOf(statics); }
  // The larger of the two. The clairvoyant knows every token but looks one step ahead; a constant
  // length can beat it where drafting in vain now saves a catch-up later.
  const SimulationResult& Bound() const;
};

struct Comparison {
  Scenario scenario{};
  std::vector<SimulationResult> results{};  // in the order asked for
  std::optional<Hindsight> hindsight{};
};

// One run a controller; with hindsight one for every static length and one clairvoyant more.
Result<Comparison> Compare(const Scenario& scenario, const std::vector<std::string>& controllers,
                           bool hindsight);

// Tokens lost against `best` up to the end of each of `buckets` equal spans of the run, which both
// share up to the earlier end: {0.5 s: 12, 1 s: 30, ...}. Negative: ahead of it.
struct RegretPoint {
  Seconds at{0};
  double tokens = 0;
};
std::vector<RegretPoint> RegretOf(const SimulationResult& result, const SimulationResult& best,
                                  int buckets);

// Tokens per second in each of so many equal spans of the run.
std::vector<double> RateSeries(const SimulationResult& result, Seconds end, int buckets);

std::string ComparisonText(const Comparison& comparison);
nlohmann::json ComparisonJson(const Comparison& comparison);

}  // namespace turbospec
