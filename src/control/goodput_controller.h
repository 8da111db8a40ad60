// `auto`: plans every step for the best goodput, from measured costs and learned acceptance, down
// to not speculating. Joins the parts: StepPlanner (what is best), StepCost and AcceptancePredictor
// (what is true), SpeculationAccount (what really came of it, and what learning may cost).
//
// Pure and deterministic like every Controller; engine thread. A decision takes some microseconds
// for a handful of requests, about 20 for 64 (shape_search_benchmark, controller_benchmark).
#pragma once

#include <array>
#include <optional>
#include <unordered_map>
#include <vector>

#include "acceptance/acceptance_predictor.h"
#include "control/fresh_stretch.h"
#include "control/output_horizon.h"
#include "control/prompt_queue.h"
#include "control/request_pace.h"
#include "control/speculation_account.h"
#include "control/step_planner.h"
#include "cost/step_cost.h"
#include "turbospec/controller.h"

namespace turbospec {

struct GoodputOptions {
  PlannerOptions planner{};
  // The level stays where the labels left it and only its certainty decays: what lures it back to
  // the prior without a label would be a probe that nobody pays for.
  AcceptanceOptions acceptance{.shared_drift = 0.08, .shared_memory_steps = 20000};
  AccountOptions account{};  // of plans that use the draft model
  // Of plans that do not. What lookup would have won is known without a trial, so it may lose less.
  AccountOptions lookup_account{.share = 0.004, .least_reserve = 24};
  double optimism = 2.5;          // standard deviations by which a probe hopes for more
  int steps_between_probes = 50;  // wanted, where one is cheap enough
  // While prompts wait for steps, per share by which the machine would be faster if all of them
  // decoded; >= 0. Times the goodput without speculation: in theory 1; more, since what all of them
  // will gain by speculation is not known.
  double haste = 3;
  // Times any goodput, where requests come to replace others only: in theory without limit, since
  // tokens do not bring the end of a request nearer than its successor's beginning.
  double lasting_haste = 5;
  // Steps with speculation after which one without is made, to measure what it costs; twice as many
  // each time, up to the second number.
  int first_reference = 24;
  int longest_between_references = 768;
};

// Names the field that is out of range.
Status Validate(const GoodputOptions& options);

class GoodputController final : public Controller {
 public:
  // REQUIRES: Validate(options) passed.
  GoodputController(const GoodputOptions& options, StepCost cost);
  GoodputController(const GoodputController&) = delete;
  GoodputController& operator=(const GoodputController&) = delete;

  std::string_view name() const override { return "auto"; }
  DraftPlan PlanDraft(const StepView& step) override;
  void KeepDrafting(const StepView& step, std::span<const ProposalView> proposals, int depth,
                    std::span<char> keep) override;
  VerifyPlan PlanVerify(const StepView& step, std::span<const ProposalView> proposals) override;
  void Learn(const StepOutcome& outcome) override;
  void Forget(RequestId request) override;
  const Decision* LastDecision() const override { return &decision_; }

  const StepCost& cost() const { return cost_; }
  const AcceptancePredictor& acceptance() const { return acceptance_; }
  const SpeculationAccount& account() const { return account_; }
  const SpeculationAccount& lookup_account() const { return lookup_account_; }

 private:
  struct Life {
    int first_context = 0;
    int last_context = 0;
    RequestPace pace{};
    FreshStretch fresh{};
  };
  // When steps of about so many requests were last measured without speculation.
  struct Reference {
    int steps = 0;
    int next = 0;
  };

  // When it is looked again whether there is hope in the draft model.
  struct Look {
    int in = 4;        // steps
    int pause = 4;     // from the last look to this one
    int requests = 0;  // at the last look
  };

  void RefreshPrices(const StepView& step);
  Haste HasteOf(const StepView& step);
  void EstimateLives(const StepView& step);
  bool IsHopeful(const StepView& step);
  bool PlanWithinMeans(const StepView& step);
  bool FeelsPlanning(const StepView& step) const;
  bool MayAfford(const PlanCandidate& plan);
  std::optional<PlanCandidate> BestProbe();
  bool ReferenceIsDue(const StepView& step);
  Reference& ReferenceOf(const StepView& step);
  DraftPlan Choose(PlanReason reason, const StepPlan& plan);

  void LearnCosts(const StepOutcome& outcome);
  void LearnWorth(const StepOutcome& outcome);
  void LearnPaces(const StepOutcome& outcome);
  double RowSeconds(int requests, int rows);

  const GoodputOptions options_;
  StepCost cost_;
  AcceptancePredictor acceptance_;
  StepPlanner planner_;
  SpeculationAccount account_;
  SpeculationAccount lookup_account_;
  OutputHorizon horizon_;
  PromptQueue queue_;
  std::unordered_map<RequestId, Life> lives_;
  std::vector<RequestProspect> prospects_;
  int refresh_in_ = 0;
  std::array<Reference, 16> references_;  // by powers of two of the requests

  Decision decision_;
  PlanCandidate expected_;     // of the plan that was made
  PlanCandidate off_;          // of the step without speculation
  double verify_seconds_ = 0;  // of the step but its draft passes, as predicted
  bool probing_ = false;
  bool encouraged_ = false;  // the last step was a probe, and drafts survived
  bool informed_ = false;    // in the last step so many tokens were guessed late as to tell
  bool hopeless_ = false;    // even an optimist would not use the draft model
  Look look_;
  int wait_ = 0;             // steps until it is planned again what the accounts would not allow
  std::vector<char> hopes_;  // requests for which drafting may be worth a try
  int probed_ = 0;           // requests of the last probe ...
  bool anew_ = false;        // ... whose drafts begin anew where they lag far behind
  double probe_cost_ = 0;    // tokens
  int since_draft_ = 0;      // steps without a draft pass
  std::vector<double> drafted_;  // tokens by the draft model, of each request of the step
  std::vector<PassShape> shapes_;
};

}  // namespace turbospec
