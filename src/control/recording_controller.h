// Wraps any Controller and writes down every step from the calls of the seam alone: one StepRecord
// per Learn, given to the sinks. Plans exactly as the wrapped controller does. Engine thread; costs
// a copy of what is seen, without allocating once its memory has grown to the largest step.
//
// A replay that makes the recorded calls in the recorded order (forgotten requests first, then
// PlanDraft, KeepDrafting …, PlanVerify, Learn) shows a controller what the wrapped one saw.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "control/step_record.h"
#include "turbospec/controller.h"

namespace turbospec {

class RecordingController final : public Controller {
 public:
  // Borrows the sinks; they outlive it.
  RecordingController(std::unique_ptr<Controller> wrapped, std::vector<StepRecordSink*> sinks);

  std::string_view name() const override { return wrapped_->name(); }
  DraftPlan PlanDraft(const StepView& step) override;
  void KeepDrafting(const StepView& step, std::span<const ProposalView> proposals, int depth,
                    std::span<char> keep) override;
  VerifyPlan PlanVerify(const StepView& step, std::span<const ProposalView> proposals) override;
  void Learn(const StepOutcome& outcome) override;
  void Forget(RequestId request) override;
  const Decision* LastDecision() const override { return wrapped_->LastDecision(); }

 private:
  void TakeOutcome(const StepOutcome& outcome);

  const std::unique_ptr<Controller> wrapped_;
  const std::vector<StepRecordSink*> sinks_;
  StepRecord record_;  // of the step that is under way
  std::int64_t next_step_ = 0;
};

}  // namespace turbospec
