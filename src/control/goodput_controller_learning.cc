// The half of the controller that learns from what became of a step.
#include <algorithm>

#include "control/goodput_controller.h"

namespace turbospec {
namespace {

// Late guesses of one step that tell whether speculation pays.
constexpr int kTelling = 4;

// Accepted tokens that prompt lookup proposed, or would have.
int CopiedTokens(const RequestOutcome& request) {
  const auto accepted = request.evidence.first(static_cast<std::size_t>(
      std::clamp(request.accepted, 0, static_cast<int>(request.evidence.size()))));
  const auto copied = static_cast<int>(
      std::ranges::count(accepted, ProposerKind::kPromptLookup, &DraftEvidence::proposer));
  return std::max(copied, request.unused_lookup.agreed);
}

Seconds TotalSeconds(std::span<const PassTiming> passes) {
  Seconds sum{0};
  for (const PassTiming& pass : passes) sum += pass.seconds;
  return sum;
}

}  // namespace

void GoodputController::Learn(const StepOutcome& outcome) {
  for (std::size_t i = 0; i < outcome.requests.size(); ++i) {
    const RequestView& view = outcome.view.requests[i];
    acceptance_.Learn(view.id, outcome.requests[i], view.trains_shared);
  }
  acceptance_.Tick();
  if (outcome.requests.empty()) return;
  LearnPaces(outcome);
  LearnWorth(outcome);
  LearnCosts(outcome);
}

// Of one row more in a target pass of so many: the slope over one more and one less per request,
// since a single step of a staircase says little.
double GoodputController::RowSeconds(int requests, int rows) {
  PassPrices& prices = planner_.target_prices();
  const int fewer = std::max(requests, rows - requests);
  const int more = std::max(requests, rows) + requests;
  const double added = prices.Of(requests, more) - prices.Of(requests, fewer);
  return std::max(0.0, added) / (more - fewer);
}

// What a request's part in a step costs at the margin: an equal share of the target's pass, more or
// less for every row that it has more or less than the others, and its share of drafting.
void GoodputController::LearnPaces(const StepOutcome& outcome) {
  const double drafting = TotalSeconds(outcome.draft_passes).count();
  double verified = 0;
  double drafted = 0;
  drafted_.clear();
  for (const RequestOutcome& request : outcome.requests) {
    verified += request.verified;
    drafted_.push_back(static_cast<double>(
        std::ranges::count(request.evidence, ProposerKind::kDraftModel, &DraftEvidence::proposer)));
    drafted += drafted_.back();
  }
  // Fewer may agree by chance.
  constexpr int kLeastCopied = 2;
  const auto n = static_cast<int>(outcome.requests.size());
  const double share = verify_seconds_ / n;
  const double row = RowSeconds(n, outcome.target.rows);
  for (std::size_t i = 0; i < outcome.requests.size(); ++i) {
    const RequestOutcome& request = outcome.requests[i];
    const auto life = lives_.find(outcome.view.requests[i].id);
    if (request.failed || life == lives_.end()) continue;
    constexpr double kLeast = 0.1;
    double seconds = std::max(kLeast * share, share + row * (request.verified - verified / n));
    if (drafted > 0) seconds += drafting * drafted_[i] / drafted;
    life->second.pace.Learn(outcome.view.requests[i].lookup.length > 0, request.committed, seconds);
    life->second.fresh.Learn(CopiedTokens(request) >= kLeastCopied, request.committed);
  }
}

void GoodputController::LearnCosts(const StepOutcome& outcome) {
  for (const PassTiming& pass : outcome.draft_passes) {
    PassPrices& prices = planner_.draft_prices();
    if (pass.passes != 1) {
      prices.SetLastPass(0, 0);
      continue;
    }
    const PassShape shape{pass.sequences, pass.rows, pass.mean_context};
    cost_.ObserveDraft({&shape, 1}, pass.seconds, prices.Changes(pass.sequences, pass.rows));
    prices.SetLastPass(pass.sequences, pass.rows);
  }
  const PassTiming& target = outcome.target;
  if (target.passes < 1) return;
  shapes_.clear();
  if (target.passes == 1) {
    shapes_.push_back({target.sequences, target.rows, target.mean_context});
  } else {
    for (const Pass& pass : outcome.target_passes) {
      shapes_.push_back(ShapeOf(pass, target.mean_context));
    }
  }
  PassPrices& prices = planner_.target_prices();
  int changes = 0;
  for (const PassShape& shape : shapes_) {
    changes += prices.Changes(shape.sequences, shape.rows);
    prices.SetLastPass(shape.sequences, shape.rows);
  }
  if (shapes_.empty()) {
    prices.SetLastPass(0, 0);
  } else {
    cost_.ObserveTarget(shapes_, target.seconds, changes);
  }
  cost_.ObserveHost(target.rows, outcome.sampling + outcome.host);
}

void GoodputController::LearnWorth(const StepOutcome& outcome) {
  double tokens = 0;
  double plain = 0;  // what it would have yielded without speculation
  int verified = 0;
  int right = 0;  // draft tokens, the first of a proposal, that were or would have been accepted
  int tried = 0;
  int late = 0;  // of these, guessed while catching up
  for (std::size_t i = 0; i < outcome.requests.size(); ++i) {
    const RequestOutcome& request = outcome.requests[i];
    tokens += outcome.view.requests[i].weight * request.committed;
    plain += outcome.view.requests[i].weight;
    verified += request.verified;
    late += static_cast<int>(request.late_guesses.size());
    right += static_cast<int>(std::ranges::count(request.late_guesses, true, &LateGuess::agreed));
    if (request.evidence.empty()) continue;
    ++tried;
    right += request.accepted > 0 || request.next_agreed.value_or(false) ? 1 : 0;
  }
  tried += late;
  const bool drafted = !outcome.draft_passes.empty();
  const bool prompts = outcome.view.prefill_rows > 0;
  since_draft_ = drafted ? 0 : since_draft_ + 1;
  const double seconds = outcome.total.count();
  const double without = plain * seconds / off_.seconds.count();
  account_.Earn(plain);
  lookup_account_.Earn(plain);
  encouraged_ = probing_ && 2 * right >= tried && tried > 0;
  if (encouraged_) account_.Relent();
  informed_ = late >= kTelling;
  if (verified == 0 && !drafted && !prompts) ReferenceOf(outcome.view).steps = 0;
  // A stall, or a machine that has just changed, says nothing about speculation.
  const double relative = seconds / (expected_.seconds.count() + 1e-9);
  if (verified == 0 && !drafted) return;
  const double worth = plain / off_.seconds.count();  // of time
  if (prompts || relative < 0.5 || relative > 1.5) {
    if (probing_) return account_.Pay(probe_cost_);
    // What it took is not known, but what it yielded is, and what was read to catch up.
    const Seconds spent = std::min(expected_.investment, TotalSeconds(outcome.draft_passes));
    const Seconds added = expected_.seconds - expected_.investment - off_.seconds;
    const double gain = tokens - plain - worth * added.count();
    return account_.Invest(std::max(0.0, worth * spent.count() - std::max(0.0, gain)));
  }
  if (!drafted) return lookup_account_.Settle(tokens, without);
  // While requests catch up, those that have are too few to be worth their passes.
  const double invested = std::clamp(without - tokens, 0.0, worth * expected_.investment.count());
  account_.Invest(invested);
  account_.Settle(tokens, without - invested);
}

void GoodputController::Forget(RequestId request) {
  acceptance_.Forget(request);
  const auto life = lives_.find(request);
  if (life == lives_.end()) return;
  horizon_.Learn(life->second.last_context - life->second.first_context + 1);
  lives_.erase(life);
  queue_.Leave();
}

}  // namespace turbospec
