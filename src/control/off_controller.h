// Never speculates: the baseline that every other controller must not lose to.
#pragma once

#include "turbospec/controller.h"

namespace turbospec {

class OffController final : public Controller {
 public:
  std::string_view name() const override { return "off"; }
  DraftPlan PlanDraft(const StepView& step) override {
    return {std::vector<DraftChoice>(step.requests.size())};
  }
  void KeepDrafting(const StepView&, std::span<const ProposalView>, int, std::span<char>) override {
  }
  VerifyPlan PlanVerify(const StepView& step, std::span<const ProposalView>) override {
    return {std::vector<VerifyChoice>(step.requests.size())};
  }
  void Learn(const StepOutcome&) override {}
  void Forget(RequestId) override {}
};

}  // namespace turbospec
