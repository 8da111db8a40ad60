// One hand-chosen depth per proposer for every request and step, all of it verified: what users
// tune by hand today. Prompt lookup goes first where it has a match.
#pragma once

#include <string>

#include "turbospec/controller.h"

namespace turbospec {

struct FixedDepths {
  int lookup = 0;       // 0 = never
  int draft_model = 0;  // 0 = never
  // Where one of the two is missing from the engine, use the other at the larger depth.
  bool substitute = false;
};

class FixedController final : public Controller {
 public:
  FixedController(std::string name, FixedDepths depths);

  std::string_view name() const override { return name_; }
  DraftPlan PlanDraft(const StepView& step) override;
  void KeepDrafting(const StepView&, std::span<const ProposalView>, int, std::span<char>) override {
  }
  VerifyPlan PlanVerify(const StepView& step, std::span<const ProposalView> proposals) override;
  void Learn(const StepOutcome&) override {}
  void Forget(RequestId) override {}

 private:
  std::string name_;
  FixedDepths depths_;
};

}  // namespace turbospec
