#include "cost/step_cost.h"

#include <utility>

namespace turbospec {

StepCost::StepCost(CostModel target, std::optional<CostModel> draft, HostCost host)
    : target_(std::move(target)), draft_(std::move(draft)), host_(host) {}

void StepCost::ObserveTarget(std::span<const PassShape> passes, Seconds seconds, int changes) {
  target_.ObserveSum(passes, seconds, changes);
}

void StepCost::ObserveDraft(std::span<const PassShape> passes, Seconds seconds, int changes) {
  if (draft_) draft_->ObserveSum(passes, seconds, changes);
}

}  // namespace turbospec
