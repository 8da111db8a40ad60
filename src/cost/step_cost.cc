#include "cost/step_cost.h"

#include <utility>

namespace turbospec {

StepCost::StepCost(CostModel target, std::optional<CostModel> draft, HostCost host)
    : target_(std::move(target)), draft_(std::move(draft)), host_(host) {}

void StepCost::ObserveTarget(std::span<const PassShape> passes, Seconds seconds) {
  target_.ObserveSum(passes, seconds);
}

void StepCost::ObserveDraft(std::span<const PassShape> passes, Seconds seconds) {
  if (draft_) draft_->ObserveSum(passes, seconds);
}

}  // namespace turbospec
