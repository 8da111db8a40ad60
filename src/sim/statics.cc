#include <algorithm>

#include "sim/simulation.h"

namespace turbospec {

// As deep as any controller here goes.
std::vector<std::string> StaticForms(const Scenario& scenario) {
  std::vector<std::string> forms = {"off"};
  for (const int depth : {1, 2, 3, 4, 5, 6, 7, 8, 10, 12}) {
    if (scenario.draft_model) forms.push_back("fixed:draft=" + std::to_string(depth));
  }
  if (!scenario.lookup) return forms;
  for (const int copied : {2, 4, 8, 16, 32}) {
    const std::string lookup = "fixed:lookup=" + std::to_string(copied);
    forms.push_back(lookup);
    for (const int depth : {1, 2, 3, 4, 6}) {
      if (scenario.draft_model) forms.push_back(lookup + ",draft=" + std::to_string(depth));
    }
  }
  return forms;
}

Result<std::vector<StaticResult>> RunStatics(const Scenario& scenario) {
  std::vector<StaticResult> results;
  for (std::string& form : StaticForms(scenario)) {
    auto result = Simulate(scenario, form);
    if (!result.ok()) return result.error();
    results.push_back({std::move(form), *std::move(result)});
  }
  return results;
}

const StaticResult& BestOf(const std::vector<StaticResult>& statics) {
  return *std::ranges::max_element(
      statics, {}, [](const StaticResult& s) { return s.result.warm_tokens_per_second; });
}

}  // namespace turbospec
