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

  // Measured, `changes` of them of another shape than the pass before; the draft's is ignored where
  // there is none.
  void ObserveTarget(std::span<const PassShape> passes, Seconds seconds, int changes = 0);
  void ObserveDraft(std::span<const PassShape> passes, Seconds seconds, int changes = 0);
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
