// Speculation was useless for a long time; then it pays again. The controller must have noticed
// within 100 steps, and may not have spent more than 1 % on looking.
#include <algorithm>
#include <cstdio>

#include "sim/suite_points.h"

namespace turbospec {
namespace {

constexpr double kBad = 0.05;
constexpr double kWantedGain = 1.2;
constexpr double kLeastWhileBad = 0.99;
constexpr int kMostStepsToReturn = 100;
constexpr int kSteady = 50;  // steps of which most speculate: it is on

struct Return {
  double acceptance = 0;  // the lowest at which speculation gains what is wanted
  std::string controller{};
  double rate = 0;  // of the best static length there
  double gain = 0;  // over no speculation
};

Result<Return> FindReturn(Scenario scenario) {
  scenario.steps = 200 + std::max(400, 4000 / scenario.slots);
  Return found;
  for (int percent = 40; percent <= 95; percent += 5) {
    scenario.classes[0].acceptance.acceptance = percent / 100.0;
    auto statics = RunStatics(scenario);
    if (!statics.ok()) return statics.error();
    const StaticResult& best = BestOf(*statics);
    found = {percent / 100.0, best.controller, best.result.warm_tokens_per_second, 0};
    found.gain = found.rate / statics->front().result.warm_tokens_per_second;
    if (found.gain >= kWantedGain) break;
  }
  return found;
}

// Steps from `first` until it speculates steadily; all that are left if it never does.
int StepsToReturn(const std::vector<StepFigures>& records, std::size_t first) {
  const auto speculates = [](const StepFigures& r) { return 2 * r.drafted >= r.requests; };
  for (std::size_t start = first; start + kSteady <= records.size(); ++start) {
    const auto* begin = &records[start];
    if (std::count_if(begin, begin + kSteady, speculates) >= kSteady * 4 / 5) {
      return static_cast<int>(start - first);
    }
  }
  return static_cast<int>(records.size() - first);
}

Result<SuiteRow> RunPoint(Scenario scenario, int bad_steps, const std::string& controller) {
  auto found = FindReturn(scenario);
  if (!found.ok()) return found.error();
  const Seconds bad = bad_steps * PlainStep(scenario);
  scenario.classes[0].acceptance.phases = {{bad, found->acceptance}};
  EndAt(scenario, bad + 500 * PlainStep(scenario));
  auto off = Simulate(scenario, "off");
  if (!off.ok()) return off.error();
  auto result = Simulate(scenario, controller);
  if (!result.ok()) return result.error();

  const auto first =
      std::ranges::lower_bound(result->records, bad.count(), {}, &StepFigures::ended);
  const int steps =
      StepsToReturn(result->records, static_cast<std::size_t>(first - result->records.begin()));
  const auto late = std::min<std::ptrdiff_t>(kMostStepsToReturn, result->records.end() - first - 1);
  const Seconds warm = scenario.warm_up;
  const double while_bad = GoodputBetween(*result, warm, bad) / GoodputBetween(*off, warm, bad);
  SuiteRow row{
      .group = "all",
      .point = scenario.name,
      .reference = found->controller,
      .reference_rate = found->rate,
      .rate = late > 0 ? GoodputBetween(*result, Seconds(first[late].ended), scenario.seconds) : 0};
  row.ratio = row.rate / row.reference_rate;
  char note[96];
  std::snprintf(note, sizeof note, "acceptance %.2f on after %d steps, %.4f of off while bad",
                found->acceptance, steps, while_bad);
  row.note = note;
  Require(row.misses, "gain that the suite offers", found->gain, kWantedGain);
  Require(row.misses, "goodput while speculation is useless", while_bad, kLeastWhileBad);
  if (steps > kMostStepsToReturn) {
    row.misses.push_back("on after " + std::to_string(steps) + " steps, more than " +
                         std::to_string(kMostStepsToReturn));
  }
  return row;
}

}  // namespace

SuitePlan PlanRecover(const SuiteOptions& options) {
  SuitePlan plan;
  for (const Machine& machine : Machines()) {
    for (const int slots : {1, 4, 16}) {
      // Where every row costs, larger batches never gain so much.
      if (slots > 4 && (machine.surface == "linear" || machine.surface == "amx")) continue;
      Scenario scenario = ClosedScenario(machine, slots, kBad, options);
      plan.points.push_back(
          [=, bad_steps = options.quick ? 1500 : 4000, controller = options.controller] {
            return RunPoint(scenario, bad_steps, controller);
          });
    }
  }
  return plan;
}

}  // namespace turbospec
