// A controller as the simulated machine sees it: planning takes host time on the virtual clock, and
// every step leaves a record. Decides nothing itself. Owned by the engine; clock and meter outlive
// it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "sim/simulation.h"
#include "turbospec/controller.h"

namespace turbospec {

// What was seen of one replica's steps.
struct StepMeter {
  std::vector<StepFigures> records;
  std::int64_t candidates = 0;
  std::array<std::int64_t, kPlanReasons> reasons{};
};

class MeteredController final : public Controller {
 public:
  struct HostCost {
    Seconds per_step{0};
    Seconds per_row{0};
  };
  MeteredController(std::unique_ptr<Controller> inner, HostCost cost, ManualClock& clock,
                    StepMeter& meter)
      : inner_(std::move(inner)), cost_(cost), clock_(clock), meter_(meter) {}

  std::string_view name() const override { return inner_->name(); }
  DraftPlan PlanDraft(const StepView& step) override;
  void KeepDrafting(const StepView& step, std::span<const ProposalView> proposals, int depth,
                    std::span<char> keep) override {
    inner_->KeepDrafting(step, proposals, depth, keep);
  }
  VerifyPlan PlanVerify(const StepView& step, std::span<const ProposalView> proposals) override;
  void Learn(const StepOutcome& outcome) override;
  void Forget(RequestId request) override { inner_->Forget(request); }
  const Decision* LastDecision() const override { return inner_->LastDecision(); }

 private:
  std::unique_ptr<Controller> inner_;
  HostCost cost_;
  ManualClock& clock_;
  StepMeter& meter_;
};

}  // namespace turbospec
