#include "control/paper_controller.h"

#include <cmath>
#include <utility>

namespace turbospec {
namespace {

// Drafting as the V1 engine prices it, where nothing was measured: a share of the target's time,
// whatever the depth.
constexpr double kFlatDraftShare = 0.04;

// Requests that have something to propose.
int Matched(const StepView& step) {
  if (step.has_draft_model) return static_cast<int>(step.requests.size());
  int matched = 0;
  for (const RequestView& request : step.requests) {
    matched += step.has_lookup && request.lookup.available > 0 ? 1 : 0;
  }
  return matched;
}

double MeanContext(const StepView& step) {
  double sum = 0;
  for (const RequestView& request : step.requests) sum += request.context_length;
  return sum / static_cast<double>(step.requests.size());
}

}  // namespace

double ExpectedCommits(double rate, int depth) {
  if (rate >= 1) return depth + 1;
  return (1 - std::pow(rate, depth + 1)) / (1 - rate);
}

PaperController::PaperController(std::string name, const PaperOptions& options,
                                 const LinearCost& target, const std::optional<LinearCost>& draft)
    : UniformController(std::move(name)),
      options_(options),
      target_(target),
      draft_(draft),
      acceptance_(options.censored, options.initial_rate, options.window),
      depth_(options.max_depth) {}

// The step before a decision drafts and verifies at full depth, so that a decision for 0 can be
// taken back.
int PaperController::ChooseDepth(const StepView& step) {
  const long at = steps_++;
  decided_ = false;
  if (at > 0 && at % options_.period == 0) Decide(step);
  return (at + 1) % options_.period == 0 ? options_.max_depth : depth_;
}

PlanCandidate PaperController::Predict(const StepView& step, int depth) const {
  const auto requests = static_cast<int>(step.requests.size());
  const int matched = Matched(step);
  const double context = MeanContext(step);
  const int rows = requests + matched * depth + step.prefill_rows;
  const Seconds target = target_.Predict(requests, rows, context);
  Seconds draft{0};
  if (step.has_draft_model && depth > 0) {
    draft =
        draft_ ? depth * draft_->Predict(requests, requests, context) : kFlatDraftShare * target;
  }
  const bool by_lookup = !step.has_draft_model;
  return {.speculating = depth > 0 ? matched : 0,
          .by_lookup = by_lookup && depth > 0 ? matched : 0,
          .draft_depth = by_lookup ? 0 : depth,
          .verified = matched * depth,
          .tokens = matched * ExpectedCommits(acceptance_.Rate(), depth) + (requests - matched),
          .seconds = target + draft};
}

// Deeper until goodput no longer rises. On a staircase of step times this stops at the first tread:
// that is the paper's assumption of a single peak, kept as it is.
void PaperController::Decide(const StepView& step) {
  if (Matched(step) == 0) return;
  decision_ = {};
  decision_.reason = PlanReason::kBest;
  double best = -1;
  for (int depth = 0; depth <= options_.max_depth; ++depth) {
    decision_.candidates.push_back(Predict(step, depth));
    const double goodput = decision_.candidates.back().TokensPerSecond();
    if (goodput <= best) break;
    best = goodput;
    decision_.chosen = depth;
  }
  decision_.price = best;
  depth_ = decision_.chosen;
  decided_ = true;
}

}  // namespace turbospec
