#include "control/step_record.h"

namespace turbospec {

RequestOutcome StepRecord::OutcomeOf(const RequestRecord& request) const {
  return {.evidence = EvidenceOf(request),
          .verified = request.verified,
          .accepted = request.accepted,
          .committed = request.committed,
          .unused_lookup = request.unused_lookup,
          .next_agreed = request.next_agreed,
          .late_guesses = LateGuessesOf(request),
          .failed = request.failed};
}

void StepRecord::Clear() {
  step = 0;
  forgotten.clear();
  planned = false;
  view = {};
  requests.clear();
  prompts.clear();
  target_passes.clear();
  evidence.clear();
  late_guesses.clear();
  keep_calls.clear();
  keep.clear();
  draft_passes.clear();
  target = {};
  sampling = host = total = Seconds{0};
  has_decision = false;
  decision.reason = PlanReason::kFixed;
  decision.candidates.clear();
  decision.chosen = 0;
  decision.price = 0;
  decision.verify_tokens = 0;
  decision.verify_seconds = Seconds{0};
}

int Committed(const StepRecord& record) {
  int sum = 0;
  for (const RequestRecord& request : record.requests) sum += request.committed;
  return sum;
}

double WeightedCommits(const StepRecord& record) {
  double sum = 0;
  for (const RequestRecord& request : record.requests) {
    sum += request.view.weight * request.committed;
  }
  return sum;
}

std::optional<Forecast> ForecastOf(const StepRecord& record) {
  if (!record.has_decision) return std::nullopt;
  const Decision& decision = record.decision;
  if (decision.verify_tokens > 0) return Forecast{decision.verify_tokens, decision.verify_seconds};
  const auto chosen = static_cast<std::size_t>(decision.chosen);
  if (chosen >= decision.candidates.size()) return std::nullopt;
  return Forecast{decision.candidates[chosen].tokens, decision.candidates[chosen].seconds};
}

}  // namespace turbospec
