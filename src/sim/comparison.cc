#include "sim/comparison.h"

#include <algorithm>
#include <cstdio>

#include "sim/clairvoyant.h"

namespace turbospec {

using nlohmann::json;

namespace {

constexpr int kSeriesBuckets = 60;
constexpr int kFormatVersion = 1;

template <class... Values>
void Add(std::string& text, const char* format, Values... values) {
  char line[256];
  std::snprintf(line, sizeof line, format, values...);
  text += line;
}

json LatencyJson(const LatencySummary& latency) {
  return {{"mean", latency.mean}, {"p50", latency.p50}, {"p90", latency.p90}, {"p99", latency.p99}};
}

json ResultJson(const SimulationResult& result, Seconds end) {
  json reasons = json::object();
  for (std::size_t i = 0; i < kPlanReasons; ++i) {
    if (result.reasons[i] > 0) reasons[std::string(PlanReasonName(i))] = result.reasons[i];
  }
  return {{"controller", result.controller},
          {"tokens_per_second", result.tokens_per_second},
          {"warm_tokens_per_second", result.warm_tokens_per_second},
          {"tokens", result.tokens},
          {"steps", result.steps},
          {"seconds", result.elapsed.count()},
          {"finished", result.finished},
          {"refused", result.refused},
          {"first_token_seconds", LatencyJson(result.first_token)},
          {"per_token_seconds", LatencyJson(result.per_token)},
          {"verified_per_request", result.verified_per_request},
          {"tokens_per_verification", result.tokens_per_verification},
          {"candidates", result.candidates},
          {"reasons", reasons},
          {"rate_series", RateSeries(result, end, kSeriesBuckets)}};
}

void AddRow(std::string& text, const SimulationResult& result, double reference) {
  Add(text, "%-26s %10.1f %7.3f %9.0f %9.0f %9.2f %9.2f %7.2f %7.2f\n", result.controller.c_str(),
      result.warm_tokens_per_second,
      reference > 0 ? result.warm_tokens_per_second / reference : 0.0, 1e3 * result.first_token.p50,
      1e3 * result.first_token.p99, 1e3 * result.per_token.p50, 1e3 * result.per_token.p99,
      result.verified_per_request, result.tokens_per_verification);
}

Seconds LatestEnd(const Comparison& comparison) {
  Seconds end{0};
  for (const SimulationResult& result : comparison.results) end = std::max(end, result.elapsed);
  return end;
}

// Tokens committed up to a moment.
double TokensUntil(const SimulationResult& result, double until) {
  double tokens = 0;
  for (const StepFigures& record : result.records) {
    if (record.ended > until) break;
    tokens += record.tokens;
  }
  return tokens;
}

}  // namespace

const SimulationResult& Hindsight::Bound() const {
  const SimulationResult& fixed = BestStatic().result;
  return clairvoyant.warm_tokens_per_second > fixed.warm_tokens_per_second ? clairvoyant : fixed;
}

Result<Comparison> Compare(const Scenario& scenario, const std::vector<std::string>& controllers,
                           bool hindsight) {
  Comparison comparison{.scenario = scenario};
  for (const std::string& controller : controllers) {
    auto result = Simulate(scenario, controller);
    if (!result.ok()) return result.error();
    comparison.results.push_back(*std::move(result));
  }
  if (!hindsight) return comparison;
  auto statics = RunStatics(scenario);
  if (!statics.ok()) return statics.error();
  auto clairvoyant = SimulateClairvoyant(scenario);
  if (!clairvoyant.ok()) return clairvoyant.error();
  comparison.hindsight = Hindsight{*std::move(statics), *std::move(clairvoyant)};
  return comparison;
}

std::vector<RegretPoint> RegretOf(const SimulationResult& result, const SimulationResult& best,
                                  int buckets) {
  const Seconds end = std::min(result.elapsed, best.elapsed);
  std::vector<RegretPoint> points;
  for (int i = 1; i <= buckets; ++i) {
    const Seconds at = end * i / buckets;
    points.push_back({at, TokensUntil(best, at.count()) - TokensUntil(result, at.count())});
  }
  return points;
}

std::vector<double> RateSeries(const SimulationResult& result, Seconds end, int buckets) {
  std::vector<double> rates(static_cast<std::size_t>(buckets));
  if (end <= Seconds(0)) return rates;
  const double width = end.count() / buckets;
  for (const StepFigures& record : result.records) {
    const auto bucket = static_cast<std::size_t>(record.ended / width);
    if (bucket < rates.size()) rates[bucket] += record.tokens / width;
  }
  return rates;
}

std::string ComparisonText(const Comparison& comparison) {
  std::string text;
  Add(text, "%s: %.1f s of virtual time, after warm-up\n", comparison.scenario.name.c_str(),
      LatestEnd(comparison).count());
  Add(text, "%-26s %10s %7s %9s %9s %9s %9s %7s %7s\n", "controller", "tok/s", "ratio", "ttft p50",
      "ttft p99", "tpot p50", "tpot p99", "verify", "tok/ver");
  const SimulationResult& reference =
      comparison.hindsight ? comparison.hindsight->BestStatic().result : comparison.results.front();
  for (const SimulationResult& result : comparison.results) {
    AddRow(text, result, reference.warm_tokens_per_second);
  }
  if (!comparison.hindsight) return text + "(times in ms)\n";
  text += "in hindsight\n";
  for (const StaticResult& each : comparison.hindsight->statics) {
    AddRow(text, each.result, reference.warm_tokens_per_second);
  }
  AddRow(text, comparison.hindsight->clairvoyant, reference.warm_tokens_per_second);
  const SimulationResult& bound = comparison.hindsight->Bound();
  Add(text, "best static %s; bound %.1f tok/s by %s (times in ms)\n",
      comparison.hindsight->BestStatic().controller.c_str(), bound.warm_tokens_per_second,
      bound.controller.c_str());
  for (const SimulationResult& result : comparison.results) {
    const double regret = RegretOf(result, reference, 1).front().tokens;
    Add(text, "regret of %s against the best static: %.0f tokens\n", result.controller.c_str(),
        regret);
  }
  return text;
}

json ComparisonJson(const Comparison& comparison) {
  const Seconds end = LatestEnd(comparison);
  json object = {{"turbospec_simulation", kFormatVersion},
                 {"scenario", comparison.scenario.name},
                 {"seconds", end.count()},
                 {"results", json::array()}};
  for (const SimulationResult& result : comparison.results) {
    object["results"].push_back(ResultJson(result, end));
  }
  if (!comparison.hindsight) return object;
  const Hindsight& hindsight = *comparison.hindsight;
  json statics = json::array();
  for (const StaticResult& each : hindsight.statics)
    statics.push_back(ResultJson(each.result, end));
  object["hindsight"] = {{"statics", statics},
                         {"clairvoyant", ResultJson(hindsight.clairvoyant, end)},
                         {"best_static", hindsight.BestStatic().controller},
                         {"bound", hindsight.Bound().controller}};
  for (std::size_t i = 0; i < comparison.results.size(); ++i) {
    json regret = json::array();
    for (const RegretPoint& point :
         RegretOf(comparison.results[i], hindsight.BestStatic().result, kSeriesBuckets)) {
      regret.push_back({point.at.count(), point.tokens});
    }
    object["results"][i]["regret"] = regret;
  }
  return object;
}

}  // namespace turbospec
