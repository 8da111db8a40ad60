// How many draft tokens a step verifies in all, and whose: the arithmetic of vLLM's adaptive
// verification. Pure; O(tokens log tokens).
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "turbospec/types.h"

namespace turbospec {

struct VerifyBudget {
  int budget = 0;  // draft tokens to verify
  double tokens = 0;
  Seconds seconds{0};
};

// argmax over B of (requests + sum of the B largest survivals) / cost(B), the smallest B of equals;
// every B from 0 to all of them is looked at. Sorts `survivals`. Costs must be positive.
// Example: 1 request, survivals {0.8, 0.4}, cost 10 + B: 1/10, 1.8/11, 2.2/12 -> B = 2.
VerifyBudget BestBudget(int requests, std::vector<double>& survivals,
                        const std::function<Seconds(int budget)>& cost);

// survivals[i][j]: that draft token j of request i and all before it are accepted; never rising
// along j. Gives the `budget` largest of all, as a length per request. Of equals the earlier
// request and the earlier token win, so that token j's place never depends on tokens after it.
std::vector<int> SpendBudget(std::span<const std::vector<double>> survivals, int budget);

}  // namespace turbospec
