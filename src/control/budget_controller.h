// `budget`: vLLM's adaptive verification, the strongest controller that others ship. Every request
// always drafts to full depth; then one budget of tokens to verify is chosen for the batch by
// global argmax over a cost table made at start-up, and goes to the tokens most likely to survive.
// What drafting costs is never saved, and the table is never corrected; docs/controllers.md.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "control/cost_staircase.h"
#include "control/lookup_statistics.h"
#include "control/online_acceptance.h"
#include "control/uniform_plan.h"
#include "turbospec/controller.h"
#include "turbospec/decision.h"

namespace turbospec {

struct BudgetOptions {
  int depth = 8;
  OnlineAcceptanceOptions acceptance{};  // its `places` follow the depth
};

class BudgetController final : public Controller {
 public:
  // verify: one target pass by its rows; draft: all draft passes of a step by the requests.
  BudgetController(std::string name, const BudgetOptions& options, CostStaircase verify,
                   CostStaircase draft);

  std::string_view name() const override { return name_; }
  DraftPlan PlanDraft(const StepView& step) override;
  void KeepDrafting(const StepView&, std::span<const ProposalView>, int, std::span<char>) override {
  }
  VerifyPlan PlanVerify(const StepView& step, std::span<const ProposalView> proposals) override;
  void Learn(const StepOutcome& outcome) override;
  void Forget(RequestId request) override { last_seen_.erase(request); }
  // From PlanVerify to the next PlanDraft; null in between.
  const Decision* LastDecision() const override {
    return decision_.candidates.empty() ? nullptr : &decision_;
  }

 private:
  double Confidence(const DraftEvidence& evidence, int place) const;
  void RefreshSurvivals(const StepView& step, std::span<const ProposalView> proposals);
  void CountForBudget(const RequestView& request, const std::vector<double>& survivals);
  void Remember(const RequestView& request, const ProposalView& proposal);
  Seconds StepCost(const StepView& step, int budget) const;

  std::string name_;
  BudgetOptions options_;
  CostStaircase verify_;
  CostStaircase draft_;
  OnlineAcceptance by_confidence_;
  LookupStatistics by_match_;
  // Of causal_only requests: confidence by place, as it was when they last drafted.
  std::unordered_map<RequestId, std::vector<double>> last_seen_;
  Decision decision_;

  // Of the step under way; kept for their memory.
  std::vector<std::vector<double>> survivals_;  // by request and place
  std::vector<double> counted_;                 // for the size of the budget
};

}  // namespace turbospec
