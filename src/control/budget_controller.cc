#include "control/budget_controller.h"

#include <cstddef>
#include <utility>

#include "control/verify_budget.h"

namespace turbospec {
namespace {

OnlineAcceptanceOptions WithPlaces(OnlineAcceptanceOptions options, int places) {
  options.places = places;
  return options;
}

// Of a token of prompt lookup before any was seen. Hopeful, since what is never verified is never
// learned.
constexpr double kLookupPrior = 0.8;

bool IsLookup(const DraftEvidence& evidence) {
  return evidence.proposer == ProposerKind::kPromptLookup;
}

}  // namespace

BudgetController::BudgetController(std::string name, const BudgetOptions& options,
                                   CostStaircase verify, CostStaircase draft)
    : name_(std::move(name)),
      options_(options),
      verify_(std::move(verify)),
      draft_(std::move(draft)),
      by_confidence_(WithPlaces(options.acceptance, options.depth)),
      by_match_(kLookupPrior) {}

DraftPlan BudgetController::PlanDraft(const StepView& step) {
  decision_ = {};
  return DraftUniformly(step, options_.depth);
}

double BudgetController::Confidence(const DraftEvidence& evidence, int place) const {
  return IsLookup(evidence) ? by_match_.Predict(evidence.match_length, place)
                            : by_confidence_.Predict(place, LogitOfLog(evidence.confidence));
}

VerifyPlan BudgetController::PlanVerify(const StepView& step,
                                        std::span<const ProposalView> proposals) {
  RefreshSurvivals(step, proposals);
  const auto requests = static_cast<int>(step.requests.size());
  const VerifyBudget best =
      BestBudget(requests, counted_, [&](int b) { return StepCost(step, b); });

  // With the budget given, whether token j is verified hangs on its own survival and on those of
  // other requests, never on deeper evidence of its own: causal (docs/decisions/0003).
  const std::vector<int> lengths = SpendBudget(survivals_, best.budget);
  VerifyPlan plan;
  plan.choices.resize(proposals.size());
  for (std::size_t i = 0; i < proposals.size(); ++i) plan.choices[i].verified = lengths[i];
  PadToLongest(step.target_rule, plan);

  decision_.reason = PlanReason::kBest;
  decision_.chosen = 1;
  decision_.candidates = {{.tokens = static_cast<double>(requests),
                           .seconds = verify_.At(requests + step.prefill_rows)},
                          {.speculating = requests,
                           .by_lookup = step.has_draft_model ? 0 : requests,
                           .draft_depth = step.has_draft_model ? options_.depth : 0,
                           .verified = best.budget,
                           .tokens = best.tokens,
                           .seconds = best.seconds}};
  decision_.verify_tokens = best.tokens;
  decision_.verify_seconds = best.seconds;
  return plan;
}

void BudgetController::RefreshSurvivals(const StepView& step,
                                        std::span<const ProposalView> proposals) {
  counted_.clear();
  survivals_.resize(proposals.size());
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    survivals_[i].clear();
    double survival = 1;
    for (int j = 0; j < proposals[i].length(); ++j) {
      survival *= Confidence(proposals[i].evidence[static_cast<std::size_t>(j)], j);
      survivals_[i].push_back(survival);
    }
    CountForBudget(step.requests[i], survivals_[i]);
    Remember(step.requests[i], proposals[i]);
  }
}

// The size of the budget must not hang on what a causal_only request has just drafted. For those
// the confidences of the step before count, and 1 where there was none, as vLLM does for all.
void BudgetController::CountForBudget(const RequestView& request,
                                      const std::vector<double>& survivals) {
  if (!request.causal_only) {
    counted_.insert(counted_.end(), survivals.begin(), survivals.end());
    return;
  }
  const auto found = last_seen_.find(request.id);
  double survival = 1;
  for (std::size_t j = 0; j < survivals.size(); ++j) {
    if (found != last_seen_.end() && j < found->second.size()) survival *= found->second[j];
    counted_.push_back(survival);
  }
}

void BudgetController::Remember(const RequestView& request, const ProposalView& proposal) {
  if (!request.causal_only) return;
  std::vector<double>& seen = last_seen_[request.id];
  const auto length = static_cast<std::size_t>(proposal.length());
  if (seen.size() < length) seen.resize(length, 1.0);
  for (std::size_t j = 0; j < length; ++j) {
    seen[j] = Confidence(proposal.evidence[j], static_cast<int>(j));
  }
}

Seconds BudgetController::StepCost(const StepView& step, int budget) const {
  const auto requests = static_cast<int>(step.requests.size());
  const Seconds draft = step.has_draft_model ? draft_.At(requests) : Seconds(0);
  return draft + verify_.At(requests + step.prefill_rows + budget);
}

void BudgetController::Learn(const StepOutcome& outcome) {
  if (outcome.requests.empty()) return;
  for (std::size_t i = 0; i < outcome.requests.size(); ++i) {
    const RequestOutcome& request = outcome.requests[i];
    if (request.failed || !outcome.view.requests[i].trains_shared) continue;
    for (int j = 0; j < request.verified && j <= request.accepted; ++j) {
      const DraftEvidence& evidence = request.evidence[static_cast<std::size_t>(j)];
      const bool accepted = j < request.accepted;
      if (IsLookup(evidence)) {
        by_match_.Observe(evidence.match_length, j, accepted);
      } else {
        by_confidence_.Observe(j, LogitOfLog(evidence.confidence), accepted);
      }
    }
  }
  by_confidence_.EndStep();
}

}  // namespace turbospec
