#include "control/verify_budget.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace turbospec {

VerifyBudget BestBudget(int requests, std::vector<double>& survivals,
                        const std::function<Seconds(int budget)>& cost) {
  std::ranges::sort(survivals, std::greater{});
  VerifyBudget best{.tokens = static_cast<double>(requests), .seconds = cost(0)};
  double tokens = requests;
  for (std::size_t b = 0; b < survivals.size(); ++b) {
    tokens += survivals[b];
    const int budget = static_cast<int>(b) + 1;
    const Seconds seconds = cost(budget);
    if (tokens * best.seconds.count() > best.tokens * seconds.count()) {
      best = {.budget = budget, .tokens = tokens, .seconds = seconds};
    }
  }
  return best;
}

std::vector<int> SpendBudget(std::span<const std::vector<double>> survivals, int budget) {
  struct Slot {
    double survival = 0;
    std::size_t request = 0;
    std::size_t place = 0;
  };
  std::vector<Slot> slots;
  for (std::size_t i = 0; i < survivals.size(); ++i) {
    for (std::size_t j = 0; j < survivals[i].size(); ++j) {
      slots.push_back({.survival = survivals[i][j], .request = i, .place = j});
    }
  }
  const auto taken = std::min(slots.size(), static_cast<std::size_t>(std::max(0, budget)));
  const auto end = slots.begin() + static_cast<std::ptrdiff_t>(taken);
  std::nth_element(slots.begin(), end, slots.end(), [](const Slot& a, const Slot& b) {
    return std::tuple(-a.survival, a.request, a.place) <
           std::tuple(-b.survival, b.request, b.place);
  });
  std::vector<int> lengths(survivals.size());
  for (auto slot = slots.begin(); slot != end; ++slot) ++lengths[slot->request];
  return lengths;
}

}  // namespace turbospec
