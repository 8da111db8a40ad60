#include "decisions/reason_words.h"

namespace turbospec {

std::string_view CodeOf(PlanReason reason) {
  switch (reason) {
    case PlanReason::kBest:
      return "best";
    case PlanReason::kTie:
      return "tie";
    case PlanReason::kNothingToPropose:
      return "nothing";
    case PlanReason::kProbe:
      return "probe";
    case PlanReason::kReference:
      return "reference";
    case PlanReason::kGuard:
      return "guard";
    case PlanReason::kFixed:
      return "fixed";
  }
  return "fixed";
}

std::string_view PhraseOf(PlanReason reason) {
  switch (reason) {
    case PlanReason::kBest:
      return "the best predicted goodput";
    case PlanReason::kTie:
      return "as good as the best, and the shape of the last step";
    case PlanReason::kNothingToPropose:
      return "no proposer can act";
    case PlanReason::kProbe:
      return "a probe, to learn whether speculation pays again";
    case PlanReason::kReference:
      return "to measure the step without speculation";
    case PlanReason::kGuard:
      return "speculation lost against none and is off for a while";
    case PlanReason::kFixed:
      return "no choice was made";
  }
  return "no choice was made";
}

std::optional<PlanReason> ReasonOf(std::string_view code) {
  for (const PlanReason reason : kPlanReasons) {
    if (CodeOf(reason) == code) return reason;
  }
  return std::nullopt;
}

std::string_view NameOf(ProposerKind proposer) {
  return proposer == ProposerKind::kPromptLookup ? "lookup" : "draft";
}

}  // namespace turbospec
