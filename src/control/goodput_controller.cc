#include "control/goodput_controller.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace turbospec {
namespace {

PassCost TargetPrices(const StepCost& cost) {
  return [&cost](int sequences, int rows, double mean_context) {
    return cost.Target({.sequences = sequences, .rows = rows, .mean_context = mean_context});
  };
}

PassCost DraftPrices(const StepCost& cost) {
  return [&cost](int sequences, int rows, double mean_context) {
    if (!cost.has_draft()) return Seconds(0);
    return cost.Draft({.sequences = sequences, .rows = rows, .mean_context = mean_context});
  };
}

double MeanContext(const StepView& step) {
  double sum = 0;
  for (const RequestView& request : step.requests) sum += request.context_length;
  return sum / static_cast<double>(step.requests.size());
}

}  // namespace

Status Validate(const GoodputOptions& options) {
  const std::string most = std::to_string(kMaxDepth);
  for (const Reach& reach : {options.planner.reach, options.planner.reach_of_few}) {
    if (reach.draft < 1 || reach.draft > kMaxDepth) {
      return InvalidArgument("reach.draft must be in [1, " + most + "]");
    }
    if (reach.lookup < 0 || reach.lookup > kMaxDepth) {
      return InvalidArgument("reach.lookup must be in [0, " + most + "]");
    }
  }
  for (const AccountOptions& account : {options.account, options.lookup_account}) {
    if (!(account.share >= 0 && account.share <= 1)) {
      return InvalidArgument("account.share must be in [0, 1]");
    }
  }
  if (!(options.haste >= 0)) return InvalidArgument("haste must not be negative");
  if (!(options.lasting_haste >= 0)) return InvalidArgument("lasting_haste must not be negative");
  return Validate(options.acceptance);
}

GoodputController::GoodputController(const GoodputOptions& options, StepCost cost)
    : options_(options),
      cost_(std::move(cost)),
      acceptance_(options.acceptance),
      planner_(options.planner, TargetPrices(cost_), DraftPrices(cost_)),
      account_(options.account),
      lookup_account_(options.lookup_account) {
  references_.fill({.next = options.first_reference});
}

// --- plan ---

DraftPlan GoodputController::PlanDraft(const StepView& step) {
  RefreshPrices(step);
  EstimateLives(step);
  planner_.SetHaste(HasteOf(step));
  const bool hopeful = IsHopeful(step);
  wait_ = hopeful || encouraged_ || informed_ ? 0 : std::max(0, wait_ - 1);
  probing_ = false;
  const bool held_back = !PlanWithinMeans(step);
  if (hopeful && (held_back || expected_.draft_depth == 0)) {
    if (const auto probe = BestProbe()) {
      probing_ = true;
      probed_ = probe->speculating;
      return Choose(PlanReason::kProbe, planner_.Probe(hopes_, probe->speculating, anew_));
    }
    PlanWithinMeans(step);
  }
  const bool idle = planner_.plan().source == ProposalSource::kNone;
  if (held_back && idle) return Choose(PlanReason::kGuard, planner_.Off());
  if (!idle && ReferenceIsDue(step)) return Choose(PlanReason::kReference, planner_.Off());
  const bool nothing = idle && decision_.candidates.size() <= 1;
  return Choose(nothing ? PlanReason::kNothingToPropose : PlanReason::kBest, planner_.plan());
}

// Where many decode and a step is so quick that its plan, some 0.1 ms, is a good part of it.
bool GoodputController::FeelsPlanning(const StepView& step) const {
  constexpr int kMany = 4;
  constexpr Seconds kQuickStep{0.005};
  return static_cast<int>(step.requests.size()) >= kMany && planner_.off().seconds < kQuickStep;
}

// The best plan, or where its account does not allow it the best without the proposer that emptied
// the account, or none. Returns false where something was held back. Sets off_ and expected_.
// Accounts fill slowly: where planning is felt, what they did not allow is planned now and then.
bool GoodputController::PlanWithinMeans(const StepView& step) {
  constexpr int kWait = 4;
  planner_.Begin(step, acceptance_, prospects_, {.drafts = !hopeless_});
  off_ = planner_.off();
  if (wait_ > 0 && FeelsPlanning(step)) {
    decision_.candidates.assign(1, off_);
    expected_ = planner_.Off().expected;
    return false;
  }
  expected_ = planner_.Best(decision_).expected;
  if (MayAfford(expected_)) return true;
  const bool drafts = expected_.draft_depth > 0;
  planner_.Begin(step, acceptance_, prospects_,
                 {.drafts = !drafts && !hopeless_, .looks_up = drafts});
  expected_ = planner_.Best(decision_).expected;
  if (!MayAfford(expected_)) expected_ = planner_.Off().expected;
  if (planner_.plan().source == ProposalSource::kNone) wait_ = kWait;
  return false;
}

bool GoodputController::MayAfford(const PlanCandidate& plan) {
  const bool speculates = plan.verified > 0;
  const Seconds added = plan.seconds - plan.investment - off_.seconds;
  const double risk = planner_.price() * added.count();
  if (speculates && plan.draft_depth == 0) return lookup_account_.Allows(risk);
  if (speculates && informed_) account_.Lend();
  // A step that risks nothing opens an account that is out of debt.
  const bool allowed = account_.Allows(risk);
  const double invested = planner_.price() * plan.investment.count();
  const bool told = encouraged_ || informed_;
  return !speculates || (allowed && (told || account_.MayInvest(invested)));
}

DraftPlan GoodputController::Choose(PlanReason reason, const StepPlan& plan) {
  decision_.reason = reason;
  if (reason == PlanReason::kProbe) {
    decision_.chosen = static_cast<int>(decision_.candidates.size());
    decision_.candidates.push_back(plan.expected);
  } else if (plan.source == ProposalSource::kNone) {
    decision_.chosen = 0;
  }
  expected_ = plan.expected;
  return plan.draft;
}

void GoodputController::RefreshPrices(const StepView& step) {
  constexpr int kSteps = 8;
  const double context = MeanContext(step);
  const double moved = std::abs(context - planner_.target_prices().mean_context());
  if (--refresh_in_ > 0 && moved < 16 + 0.05 * context) return;
  refresh_in_ = kSteps;
  planner_.target_prices().Refresh(context);
  planner_.draft_prices().Refresh(context);
  planner_.target_prices().SetShapeChange(cost_.target().ShapeChange().count());
  if (cost_.has_draft()) {
    planner_.draft_prices().SetShapeChange(cost_.draft()->ShapeChange().count());
  }
  planner_.SetHostTime(cost_.host().rates().per_step, cost_.host().rates().per_row);
}

// Steps are what prompts wait for, beside which only so many of their rows are computed. While
// slots fill, a moment is worth what the machine will make of it when all of them decode. Where
// prompts wait although slots do not fill, it is worth more than that. One prompt at a time is the
// rule in a full batch.
Haste GoodputController::HasteOf(const StepView& step) {
  queue_.Step(step.prefilling);
  if (queue_.waiting() == 0) return {};
  const int decoding = static_cast<int>(step.requests.size());
  const auto rate = [&](int n) { return n / planner_.target_prices().Of(n, n); };
  const double gain = std::max(0.0, rate(decoding + queue_.waiting()) / rate(decoding) - 1);
  return {.filling = 1 + options_.haste * gain,
          .lasting = 1 + options_.lasting_haste * queue_.Scarcity() * gain};
}

void GoodputController::EstimateLives(const StepView& step) {
  prospects_.clear();
  for (const RequestView& request : step.requests) {
    const auto [found, is_new] =
        lives_.try_emplace(request.id, Life{.first_context = request.context_length});
    if (is_new) queue_.Come();
    Life& life = found->second;
    life.last_context = request.context_length;
    const double left =
        horizon_.Left(life.last_context - life.first_context, request.max_useful + 1);
    prospects_.push_back({.tokens_left = life.fresh.Left(left),
                          .token_worth = life.pace.Worth(request.lookup.length > 0)});
  }
}

// Without labels the estimate widens. When its optimistic end would have the draft model used, it
// is worth to find out. Looked at now and then only, since it takes a plan more; at once behind a
// probe that found something. Where planning is felt, a draft model without hope is left out of
// plans until the next look, which comes ever more rarely unless requests leave. Not where few
// decode: plans are quick, and one at another place in its text is hope.
bool GoodputController::IsHopeful(const StepView& step) {
  constexpr int kSteps = 4;
  constexpr int kMostSteps = 16;
  if (!step.has_draft_model) return false;
  const auto decoding = static_cast<int>(step.requests.size());
  if (since_draft_ == 0) {
    look_ = {};
    if (!encouraged_) return false;
  }
  const bool fewer = hopeless_ && decoding < look_.requests;
  if (--look_.in > 0 && !fewer && !encouraged_) return false;
  planner_.Begin(step, acceptance_, prospects_, {.sigmas = options_.optimism});
  const bool hopeful = planner_.Best(decision_).expected.draft_depth > 0;
  planner_.Drafting(hopes_);
  hopeless_ = !hopeful && FeelsPlanning(step);
  if (hopeless_) {
    // Nor where lookup, which serves better now, has nothing to say.
    planner_.Begin(step, acceptance_, prospects_, {.sigmas = options_.optimism, .looks_up = false});
    hopeless_ = planner_.Best(decision_).expected.draft_depth == 0;
  }
  look_.pause = hopeless_ ? std::min(2 * look_.pause, kMostSteps) : kSteps;
  look_.in = look_.pause;
  look_.requests = decoding;
  return hopeful;
}

// The probe with the most labels for its price among those that can be made often enough, if it can
// be paid. Savings grow up to that price.
std::optional<PlanCandidate> GoodputController::BestProbe() {
  const double price = planner_.price();
  const double affordable = options_.account.share * options_.steps_between_probes * off_.tokens;
  std::optional<PlanCandidate> chosen;
  double chosen_rate = 0;
  double cheapest = 1e300;
  const auto most = static_cast<int>(std::ranges::count(hopes_, 1));
  // What one request said of itself is tried on others before it is believed of all.
  const int least = encouraged_ ? std::clamp(4 * probed_, 1, std::max(1, most)) : 1;
  for (int count = most; count >= least; count = count > least ? std::max(least, count / 4) : 0) {
    const auto loss = [&](const PlanCandidate& probe) {
      const double time = price * (probe.seconds - off_.seconds).count();
      return std::max(0.0, time - (probe.tokens - off_.tokens));
    };
    PlanCandidate probe = planner_.Probe(hopes_, count, false).expected;
    if (probe.speculating == 0) continue;
    double cost = loss(probe);
    // Context is given up for a probe that would come too seldom with it, or to ask others.
    constexpr double kOfOthers = 1.5;
    const PlanCandidate others = planner_.Probe(hopes_, count, true).expected;
    const bool anew = cost > affordable || (count < most && loss(others) <= kOfOthers * cost);
    if (anew) {
      probe = others;
      cost = loss(others);
    }
    // Too dear to be made often: the cheapest of these, unless there is another.
    const bool often = cost <= affordable;
    const double rate = often ? 1 + probe.speculating / (cost + 1e-9) : 0;
    if (rate < chosen_rate || (!often && cost >= cheapest)) continue;
    chosen_rate = rate;
    cheapest = cost;
    chosen = probe;
    anew_ = anew;
    probe_cost_ = cost;
  }
  if (!chosen) return chosen;
  account_.SaveFor(1.5 * probe_cost_);
  if (!account_.FundProbe(probe_cost_)) return std::nullopt;
  return chosen;
}

GoodputController::Reference& GoodputController::ReferenceOf(const StepView& step) {
  const auto size = std::bit_width(step.requests.size());
  return references_[std::min(static_cast<std::size_t>(size), references_.size() - 1)];
}

// A profile may be wrong in a way that only shows when both kinds of steps are measured.
bool GoodputController::ReferenceIsDue(const StepView& step) {
  Reference& reference = ReferenceOf(step);
  if (step.prefill_rows > 0 || ++reference.steps < reference.next) return false;
  reference.steps = 0;
  reference.next = std::min(2 * reference.next, options_.longest_between_references);
  return true;
}

void GoodputController::KeepDrafting(const StepView& /*step*/,
                                     std::span<const ProposalView> proposals, int /*depth*/,
                                     std::span<char> keep) {
  if (probing_) return;
  const SearchResult& result = planner_.DraftOn(proposals, keep);
  for (std::size_t i = 0; i < keep.size(); ++i) {
    keep[i] = static_cast<char>(keep[i] != 0 && result.lengths[i] > proposals[i].length());
  }
}

VerifyPlan GoodputController::PlanVerify(const StepView& /*step*/,
                                         std::span<const ProposalView> proposals) {
  VerifyPlan plan;
  plan.choices.resize(proposals.size());
  const SearchResult& result = planner_.Verify(proposals);
  decision_.verify_tokens = result.tokens;
  verify_seconds_ = result.seconds;
  decision_.verify_seconds = Seconds(result.seconds) + planner_.DraftTime(proposals);
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    plan.choices[i] = {.verified = result.lengths[i], .padding = result.padding[i]};
  }
  return plan;
}

}  // namespace turbospec
