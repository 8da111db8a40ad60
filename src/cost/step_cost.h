// The three prices of a step, as the controllers use them: passes of the target, passes of the
// draft model, and the host. Owned by a controller on the engine thread.
#pragma once

#include <optional>
#include <span>

#include "cost/cost_model.h"
#include "cost/host_cost.h"
#include "cost/pass_shape.h"

namespace turbospec {

class StepCost {
 public:
  StepCost(CostModel target, std::optional<CostModel> draft, HostCost host);

  Seconds Target(const PassShape& shape) const { return target_.Predict(shape); }
  // REQUIRES: has_draft().
  Seconds Draft(const PassShape& shape) const { return draft_->Predict(shape); }
  Seconds Host(int rows) const { return host_.Predict(rows); }
  bool has_draft() const { return draft_.has_value(); }

  // Measured; the draft's is ignored where there is none.
  void ObserveTarget(std::span<const PassShape> passes, Seconds seconds);
  void ObserveDraft(std::span<const PassShape> passes, Seconds seconds);
  void ObserveHost(int rows, Seconds seconds) { host_.Observe(rows, seconds); }

  const CostModel& target() const { return target_; }
  const CostModel* draft() const { return draft_ ? &*draft_ : nullptr; }
  const HostCost& host() const { return host_; }

 private:
  CostModel target_;
  std::optional<CostModel> draft_;
  HostCost host_;
};

}  // namespace turbospec
