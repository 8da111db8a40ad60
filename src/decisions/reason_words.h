// The reasons of a plan as words: a code for files, a phrase for people.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "turbospec/controller.h"
#include "turbospec/decision.h"

namespace turbospec {

inline constexpr std::array kPlanReasons = {
    PlanReason::kBest,  PlanReason::kTie,       PlanReason::kNothingToPropose,
    PlanReason::kProbe, PlanReason::kReference, PlanReason::kGuard,
    PlanReason::kFixed};

std::string_view CodeOf(PlanReason reason);
std::string_view PhraseOf(PlanReason reason);
std::optional<PlanReason> ReasonOf(std::string_view code);

std::string_view NameOf(ProposerKind proposer);  // "lookup", "draft"

}  // namespace turbospec
