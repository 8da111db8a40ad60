#include "control/ema_controller.h"

#include <utility>

namespace turbospec {
namespace {

constexpr int kInitialDepth = 3;

AdaptiveTier MakeTier(std::vector<int> depths, double down_hysteresis) {
  return {{.depths = std::move(depths), .down_hysteresis = down_hysteresis}, kInitialDepth};
}

}  // namespace

EmaController::EmaController(std::string name)
    : UniformController(std::move(name)),
      slots_{{{.least_requests = 1, .tier = MakeTier({1, 3, 5, 7}, -0.25)},
              {.least_requests = 8, .tier = MakeTier({0, 1, 3}, 0)},
              {.least_requests = 32, .tier = MakeTier({0, 1}, 0)},
              {.least_requests = 64, .tier = MakeTier({0}, 0)}}} {}

AdaptiveTier& EmaController::TierOf(const StepView& step) {
  const auto requests = static_cast<int>(step.requests.size());
  std::size_t slot = 0;
  while (slot + 1 < slots_.size() && slots_[slot + 1].least_requests <= requests) ++slot;
  return slots_[slot].tier;
}

void EmaController::Learn(const StepOutcome& outcome) {
  int accepted = 0;
  int requests = 0;
  for (const RequestOutcome& request : outcome.requests) {
    if (request.failed) continue;
    accepted += request.accepted;
    ++requests;
  }
  if (requests == 0) return;
  TierOf(outcome.view).Observe(static_cast<double>(accepted) / requests);
}

}  // namespace turbospec
