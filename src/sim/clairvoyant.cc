#include "sim/clairvoyant.h"

#include <algorithm>
#include <memory>

#include "model/gap_fill.h"

namespace turbospec {
namespace {

constexpr int kDeepest = 16;
constexpr double kMemory = 0.95;  // of the price, per step

}  // namespace

ClairvoyantController::ClairvoyantController(const Scenario& scenario, const Oracle& oracle)
    : scenario_(scenario),
      oracle_(oracle),
      target_cost_(TargetCost(scenario)),
      draft_cost_(DraftCost(scenario)),
      rows_by_slot_(static_cast<std::size_t>(scenario.slots)) {}

void ClairvoyantController::LookAhead(const StepView& step) {
  draft_runs_.clear();
  lookup_runs_.clear();
  for (const RequestView& request : step.requests) {
    const int most = std::min(kDeepest, request.max_useful);
    draft_runs_.push_back(step.has_draft_model ? oracle_.AcceptedRun(request.slot, most) : 0);
    lookup_runs_.push_back(step.has_lookup ? oracle_.AcceptedLookup(request.slot, most) : 0);
  }
}

ClairvoyantController::Candidate ClairvoyantController::Propose(const StepView& step, int depth,
                                                                Shape shape) const {
  Candidate candidate(step.requests.size());
  int longest = 0;
  for (std::size_t i = 0; i < candidate.size(); ++i) {
    Part& part = candidate[i];
    part.length = std::min(depth, draft_runs_[i]);
    part.accepted = part.length;
    if (shape == Shape::kAllOrNothing && part.length < depth) part = {};
    if (shape == Shape::kUniform) part.length = std::min(depth, step.requests[i].max_useful);
    const int copied = shape == Shape::kEach ? lookup_runs_[i] : std::min(depth, lookup_runs_[i]);
    if (copied >= part.accepted && copied > 0 && shape != Shape::kUniform) {
      part = {ProposerKind::kPromptLookup, copied, copied};
    }
    longest = std::max(longest, part.length);
  }
  if (shape != Shape::kPadded && shape != Shape::kUniform) return candidate;
  for (Part& part : candidate) part.padding = longest - part.length;
  return candidate;
}

// One pass a depth over those who draft so deep.
Seconds ClairvoyantController::DraftTime(const StepView& step, const Candidate& candidate) {
  Seconds sum{0};
  for (int depth = 1;; ++depth) {
    double context = 0;
    int rows = 0;
    for (std::size_t i = 0; i < candidate.size(); ++i) {
      if (candidate[i].proposer != ProposerKind::kDraftModel || candidate[i].length < depth)
        continue;
      context += step.requests[i].context_length;
      ++rows;
    }
    if (rows == 0) return sum;
    sum += draft_cost_(rows, rows, context / rows);
  }
}

Seconds ClairvoyantController::TimeOf(const StepView& step, const Candidate& candidate) {
  const Seconds draft = DraftTime(step, candidate);
  std::ranges::fill(rows_by_slot_, 0);
  double context = 0;
  int rows = 0;
  for (std::size_t i = 0; i < candidate.size(); ++i) {
    const RequestView& request = step.requests[i];
    const int own = 1 + candidate[i].length + candidate[i].padding;
    rows_by_slot_[static_cast<std::size_t>(request.slot)] = own;
    context += own * static_cast<double>(request.context_length);
    rows += own;
  }
  for (const PromptView& prompt : step.prompts) {
    rows_by_slot_[static_cast<std::size_t>(prompt.slot)] = prompt.rows;
  }
  const double mean_context = context / rows;
  const Seconds target =
      CostOfForward(target_cost_, TargetPasses(step, mean_context), mean_context);
  return draft + target + scenario_.host_per_step + rows * scenario_.host_per_row;
}

// Of the rows in rows_by_slot_.
std::vector<Pass> ClairvoyantController::TargetPasses(const StepView& step,
                                                      double mean_context) const {
  constexpr int kAny = 1 << 20;
  if (!step.target_fills_gaps || !HasGap(rows_by_slot_)) {
    return SplitIntoPasses(step.target_rule, rows_by_slot_, kAny);
  }
  const std::vector<int> room(rows_by_slot_.size(), kAny);
  const std::vector<int> fillers = PlanGapFill(
      rows_by_slot_, room, {.max_rows_per_pass = kAny, .max_rows_per_forward = kAny},
      [&](int sequences, int rows) { return target_cost_(sequences, rows, mean_context).count(); });
  return SplitFilled(rows_by_slot_, fillers, kAny);
}

double ClairvoyantController::ValueOf(const StepView& step, const Candidate& candidate) {
  double tokens = 0;
  for (const Part& part : candidate) tokens += 1 + part.accepted;
  const Seconds time = TimeOf(step, candidate);
  return price_ > 0 ? tokens - price_ * time.count() : tokens / time.count();
}

DraftPlan ClairvoyantController::PlanDraft(const StepView& step) {
  LookAhead(step);
  const int deepest = std::max(std::ranges::max(draft_runs_), std::ranges::max(lookup_runs_));
  chosen_ = Candidate(step.requests.size());
  double best = ValueOf(step, chosen_);
  const bool ragged_costs = step.target_rule == BatchRule::kEqualLength;
  for (int depth = 0; depth <= deepest; ++depth) {
    for (const Shape shape :
         {Shape::kEach, Shape::kAllOrNothing, Shape::kPadded, Shape::kUniform}) {
      if ((shape == Shape::kPadded || shape == Shape::kUniform) && !ragged_costs) continue;
      Candidate candidate = Propose(step, depth, shape);
      const double value = ValueOf(step, candidate);
      if (value <= best) continue;
      best = value;
      chosen_ = std::move(candidate);
    }
  }
  DraftPlan plan;
  for (const Part& part : chosen_) plan.choices.emplace_back()[part.proposer] = part.length;
  return plan;
}

// What was drafted may fall short of the plan, so the shape is chosen again.
VerifyPlan ClairvoyantController::PlanVerify(const StepView& step,
                                             std::span<const ProposalView> proposals) {
  int longest = 0;
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    Part& part = chosen_[i];
    part.length = std::min(proposals[i].length(), part.length);
    part.accepted = std::min(part.length, part.accepted);
    longest = std::max(longest, part.length);
  }
  Candidate bare(proposals.size());
  Candidate each = chosen_, level = chosen_;
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    each[i].padding = 0;
    level[i].padding = longest - level[i].length;
  }
  const Candidate* best = &each;
  for (const Candidate* other : {&level, &bare}) {
    if (ValueOf(step, *other) > ValueOf(step, *best)) best = other;
  }
  VerifyPlan plan;
  for (const Part& part : *best) plan.choices.push_back({part.length, part.padding});
  return plan;
}

void ClairvoyantController::Learn(const StepOutcome& outcome) {
  double tokens = 0;
  for (const RequestOutcome& request : outcome.requests) tokens += request.committed;
  if (outcome.total.count() <= 0 || tokens == 0) return;
  tokens_ = kMemory * tokens_ + tokens;
  seconds_ = kMemory * seconds_ + outcome.total.count();
  price_ = tokens_ / seconds_;
}

Result<SimulationResult> SimulateClairvoyant(const Scenario& scenario) {
  Scenario ideal = scenario;
  ideal.draft_keeps_up = true;
  auto result = SimulateWith(ideal, [&](const Oracle& oracle) {
    return Result<std::unique_ptr<Controller>>(
        std::make_unique<ClairvoyantController>(scenario, oracle));
  });
  if (result.ok()) result->controller = kClairvoyant;
  return result;
}

}  // namespace turbospec
