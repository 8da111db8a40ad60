// A controller that decides one number a step: the depth that every request drafts, all of it
// verified. What the controllers of today's serving engines have in common; a family member says
// how deep, and learns what it needs for that.
#pragma once

#include <string>
#include <utility>

#include "control/uniform_plan.h"
#include "turbospec/controller.h"

namespace turbospec {

class UniformController : public Controller {
 public:
  explicit UniformController(std::string name) : name_(std::move(name)) {}

  std::string_view name() const override { return name_; }
  DraftPlan PlanDraft(const StepView& step) final {
    return DraftUniformly(step, ChooseDepth(step));
  }
  void KeepDrafting(const StepView&, std::span<const ProposalView>, int, std::span<char>) final {}
  VerifyPlan PlanVerify(const StepView& step, std::span<const ProposalView> proposals) final {
    return VerifyAll(step, proposals);
  }
  void Learn(const StepOutcome&) override {}
  void Forget(RequestId) override {}

 protected:
  // Called once a step, before anything is drafted.
  virtual int ChooseDepth(const StepView& step) = 0;

 private:
  std::string name_;
};

}  // namespace turbospec
