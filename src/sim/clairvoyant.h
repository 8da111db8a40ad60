// A controller that only a simulator can have: it knows the true costs and, for every request, how
// many draft tokens of this step will be accepted, so it drafts and verifies in vain only where
// that makes a cheaper shape; and its draft has always read what was committed without it. It picks
// the depth that maximises tokens - lambda x time, with lambda the goodput of the recent past. An
// upper mark for real controllers, not a proven bound: it looks one step ahead. Slow: tens of
// microseconds a step.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario.h"
#include "sim/simulation.h"
#include "turbospec/controller.h"

namespace turbospec {

inline constexpr std::string_view kClairvoyant = "clairvoyant";

class ClairvoyantController final : public Controller {
 public:
  // What `oracle` points to outlives the controller. REQUIRES: Validate(scenario) passed.
  ClairvoyantController(const Scenario& scenario, const Oracle& oracle);

  std::string_view name() const override { return kClairvoyant; }
  DraftPlan PlanDraft(const StepView& step) override;
  void KeepDrafting(const StepView&, std::span<const ProposalView>, int, std::span<char>) override {
  }
  VerifyPlan PlanVerify(const StepView& step, std::span<const ProposalView> proposals) override;
  void Learn(const StepOutcome& outcome) override;
  void Forget(RequestId) override {}

 private:
  // One request in one candidate.
  struct Part {
    ProposerKind proposer = ProposerKind::kDraftModel;
    int length = 0;    // draft tokens verified
    int accepted = 0;  // of these; fewer only where an even shape is cheaper
    int padding = 0;   // dummy rows, for the same
  };
  using Candidate = std::vector<Part>;
  enum class Shape { kEach, kAllOrNothing, kPadded, kUniform };

  void LookAhead(const StepView& step);
  Candidate Propose(const StepView& step, int depth, Shape shape) const;
  Seconds TimeOf(const StepView& step, const Candidate& candidate);
  Seconds DraftTime(const StepView& step, const Candidate& candidate);
  std::vector<Pass> TargetPasses(const StepView& step, double mean_context) const;
  double ValueOf(const StepView& step, const Candidate& candidate);

  Scenario scenario_;
  Oracle oracle_;
  PassCost target_cost_;
  PassCost draft_cost_;
  double tokens_ = 0;  // of the recent past, fading
  double seconds_ = 0;
  double price_ = 0;  // tokens per second
  Candidate chosen_;
  std::vector<int> draft_runs_;   // by request: draft tokens that would be accepted
  std::vector<int> lookup_runs_;  // the same for prompt lookup
  std::vector<int> rows_by_slot_;
};

// Runs the scenario with it.
Result<SimulationResult> SimulateClairvoyant(const Scenario& scenario);

}  // namespace turbospec
