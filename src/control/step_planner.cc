#include "control/step_planner.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace turbospec {
namespace {

constexpr ProposalSource kSources[] = {ProposalSource::kNone, ProposalSource::kDraft,
                                       ProposalSource::kLookup, ProposalSource::kMixed};

// Appends the survival of tokens with these conditional acceptances to what is there.
void Extend(std::span<const double> conditional, std::vector<float>& survival) {
  double survives = survival.empty() ? 1 : survival.back();
  for (const double a : conditional) {
    survives *= a;
    survival.push_back(static_cast<float>(survives));
  }
}

// The most that a proposal is worth beyond its price: the best sum of its first tokens.
double Worth(std::span<const float> survival, double price) {
  double best = 0;
  double sum = 0;
  for (const float survives : survival) {
    sum += survives - price;
    best = std::max(best, sum);
  }
  return best;
}

}  // namespace

StepPlanner::StepPlanner(const PlannerOptions& options, PassCost target, PassCost draft)
    : options_(options), target_(std::move(target)), draft_(std::move(draft)) {}

void StepPlanner::SetHostTime(Seconds per_step, Seconds per_row) {
  step_host_ = per_step;
  row_host_ = per_row;
}

// --- what is expected ---

void StepPlanner::Begin(const StepView& step, AcceptancePredictor& predictor,
                        std::span<const RequestProspect> prospects, const Outlook& outlook) {
  step_ = &step;
  drafts_ = step.has_draft_model && outlook.drafts;
  predictor_ = &predictor;
  const std::size_t n = step.requests.size();
  if (lanes_.size() < n) lanes_.resize(n);
  weight_ = 0;
  int steady = 0;
  int lag = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const RequestView& view = step.requests[i];
    Lane& lane = lanes_[i];
    lane.handle = predictor.Find(view.id);
    lane.tokens_left = prospects[i].tokens_left;
    lane.weight = view.weight * prospects[i].token_worth;
    lane.catches_up = view.draft_lag > options_.steady_lag;
    lane.may_draft = drafts_ && view.max_useful > 0;
    Estimate(view, outlook, lane);
    weight_ += lane.weight;
    if (lane.catches_up || !lane.may_draft) continue;
    ++steady;
    lag = step.draft_rule == BatchRule::kEqualLength ? std::max(lag, view.draft_lag)
                                                     : lag + view.draft_lag;
  }
  if (step.draft_rule == BatchRule::kOnePass && steady > 0) lag = (lag + steady / 2) / steady;
  first_draft_rows_ = std::max(1, lag);
  PriceOff();
  PriceCatchUp();
}

void StepPlanner::PriceOff() {
  DescribeRequests(ProposalSource::kNone);
  const auto n = static_cast<double>(step_->requests.size());
  const Seconds target(search_.PlainSeconds(Problem(std::nullopt), target_));
  off_ = {.tokens = weight_, .seconds = step_host_ + n * row_host_ + target};
}

void StepPlanner::Estimate(const RequestView& view, const Outlook& outlook, Lane& lane) {
  const auto room = [&](int most) {
    return static_cast<std::size_t>(std::clamp(most, 0, std::min(view.max_useful, kMaxDepth)));
  };
  const bool few = static_cast<int>(step_->requests.size()) <= options_.few_requests;
  const Reach& reach = few ? options_.reach_of_few : options_.reach;
  lane.draft.clear();
  lane.lookup.clear();
  lane.mixed.clear();
  lane.given.clear();
  if (drafts_) {
    conditional_.resize(room(reach.draft));
    predictor_->Expected(lane.handle, ProposerKind::kDraftModel, 1, {}, conditional_,
                         outlook.sigmas);
    Extend(conditional_, lane.draft);
  }
  conditional_.resize(room(std::min(reach.lookup, view.lookup.available)));
  if (conditional_.empty() || !outlook.looks_up) return;
  predictor_->Expected(lane.handle, ProposerKind::kPromptLookup, 1, view.lookup, conditional_,
                       outlook.sigmas);
  Extend(conditional_, lane.lookup);
}

// What one more row and one more drafted token cost at this value of time, on average over the
// range of lengths that is in question: for choices within one request, where shapes do not matter.
void StepPlanner::PriceTokens(double tokens_per_second, int range) {
  const int n = static_cast<int>(step_->requests.size());
  const double rows = target_.Of(n, n * (1 + range)) - target_.Of(n, n);
  row_price_ = tokens_per_second * (std::max(rows, 0.0) / (range * n) + row_host_.count());
  draft_price_ = drafts_ ? tokens_per_second * draft_.Of(n, n) / n : 0;
}

// The plan so far takes catching up as free. A request that lags drafts only if its part of what
// that plan gains, over the steps it has left, outweighs the rows it has to catch up.
// Returns whether one that the plan drafts with was left out.
bool StepPlanner::AdmitToDraft() {
  bool refused = false;
  const double extra = plan_.expected.seconds.count() - off_.seconds.count();
  const double per_token = price_ * extra / std::max(1, plan_.expected.verified);
  for (std::size_t i = 0; i < step_->requests.size(); ++i) {
    Lane& lane = lanes_[i];
    if (!lane.catches_up || !lane.may_draft) continue;
    const auto length = std::min(static_cast<std::size_t>(lengths_[i]), lane.draft.size());
    double tokens = length > 0 ? lane.option : 0;
    for (std::size_t j = 0; j < length; ++j) tokens += lane.draft[j];
    const double steps = lane.tokens_left / (1 + tokens);
    double gain = steps * (lane.weight * tokens - per_token * static_cast<double>(length));
    const double spared = price_ * (lane.catch_up_seconds - lane.anew_seconds);
    if (spared > options_.recent_loss * std::max(0.0, gain)) {
      lane.anew = true;
      lane.catch_up_seconds = lane.anew_seconds;
      gain *= 1 - options_.recent_loss;
    }
    lane.may_draft = gain > options_.catch_up_margin * price_ * lane.catch_up_seconds;
    refused = refused || (!lane.may_draft && length > 0);
  }
  return refused;
}

// A draft pass that pays for all need not pay for the few who would earn their catch-up by
// themselves, and each alone may not earn what all together do.
void StepPlanner::AdmitAllIfBetter(int range, Decision& decision) {
  const double of_some = WorthWithCatchUp();
  admitted_.clear();
  for (std::size_t i = 0; i < step_->requests.size(); ++i) {
    admitted_.push_back(static_cast<char>(lanes_[i].may_draft));
    lanes_[i].may_draft = step_->requests[i].max_useful > 0;
  }
  TryAt(range, decision);
  if (WorthWithCatchUp() > of_some) return;
  for (std::size_t i = 0; i < admitted_.size(); ++i) lanes_[i].may_draft = admitted_[i] != 0;
  TryAt(range, decision);
}

// Of the best plan, with each catch-up charged in equal parts to the steps its request has left.
double StepPlanner::WorthWithCatchUp() const {
  double worth = best_value_;
  for (std::size_t i = 0; i < step_->requests.size(); ++i) {
    const Lane& lane = lanes_[i];
    if (!lane.catches_up || !DraftsIn(i)) continue;
    const auto length = std::min(static_cast<std::size_t>(lengths_[i]), lane.draft.size());
    double tokens = 1;
    for (std::size_t j = 0; j < length; ++j) tokens += lane.draft[j];
    const double price = options_.catch_up_margin * price_ * lane.catch_up_seconds;
    worth -= price * tokens / lane.tokens_left;
  }
  return worth;
}

bool StepPlanner::DraftsIn(std::size_t request) const {
  if (plan_.source == ProposalSource::kDraft) return lengths_[request] > 0;
  return plan_.source == ProposalSource::kMixed && lengths_[request] > lanes_[request].mixed_lookup;
}

void StepPlanner::ChooseMixed(std::size_t request) {
  Lane& lane = lanes_[request];
  const std::span<const float> lookup(lane.lookup);
  const std::span<const float> draft(lane.draft);
  const double by_draft = lane.may_draft ? Worth(draft, row_price_ + draft_price_) : 0;
  double best = by_draft;
  lane.mixed_lookup = 0;
  double sum = 0;
  for (std::size_t used = 1; used <= lookup.size(); ++used) {
    sum += lookup[used - 1] - row_price_;
    // The draft model goes on behind it: all its tokens carry the risk of those before them.
    const double behind =
        lane.may_draft ? Worth(draft, (row_price_ + draft_price_) / lookup[used - 1]) : 0;
    const double value = sum + lookup[used - 1] * behind;
    if (value <= best) continue;
    best = value;
    lane.mixed_lookup = static_cast<int>(used);
  }
  const auto used = static_cast<std::size_t>(lane.mixed_lookup);
  lane.mixed.assign(lookup.begin(), lookup.begin() + lane.mixed_lookup);
  if (!lane.may_draft) return;
  const RequestView& view = step_->requests[request];
  const auto room = static_cast<std::size_t>(std::min(view.max_useful, kMaxDepth));
  conditional_.resize(std::min(draft.size(), room - used));
  predictor_->Expected(lane.handle, ProposerKind::kDraftModel, lane.mixed_lookup + 1, {},
                       conditional_);
  Extend(conditional_, lane.mixed);
}

// --- the plan ---

const StepPlan& StepPlanner::Best(Decision& decision) {
  const double slowest = weight_ / off_.seconds.count();
  constexpr int kUsualLength = 3;
  ChooseWithin(slowest, kUsualLength);
  // What a usual step yields, without prompts in it and catching up, is what time is worth.
  TrySources(std::nullopt, decision);
  price_ = haste_.lasting * std::max(best_value_, haste_.filling * slowest);
  if (!IsUsual()) {
    const int n = static_cast<int>(step_->requests.size());
    const int range = std::max(1, (plan_.expected.verified + n / 2) / n);
    const bool refused = AdmitToDraft();
    TryAt(range, decision);
    if (refused) AdmitAllIfBetter(range, decision);
  }
  WriteChoices();
  decision.price = price_;
  return plan_;
}

// The best goodput of such a step is also the best at its own price of time.
bool StepPlanner::IsUsual() const {
  if (haste_.Any()) return false;
  if (step_->prefill_rows > 0) return false;
  if (!drafts_) return true;
  for (std::size_t i = 0; i < step_->requests.size(); ++i) {
    if (lanes_[i].catches_up || !lanes_[i].lookup.empty()) return false;
  }
  return true;
}

void StepPlanner::ChooseWithin(double tokens_per_second, int range) {
  PriceTokens(tokens_per_second, range);
  PriceOptions();
  has_match_ = false;
  for (std::size_t i = 0; i < step_->requests.size(); ++i) {
    has_match_ = has_match_ || !lanes_[i].lookup.empty();
  }
  if (!has_match_ || !drafts_) return;
  for (std::size_t i = 0; i < step_->requests.size(); ++i) ChooseMixed(i);
}

void StepPlanner::TryAt(int range, Decision& decision) {
  ChooseWithin(price_, range);
  TrySources(price_, decision);
}

void StepPlanner::TrySources(std::optional<double> price, Decision& decision) {
  best_value_ = -1e300;
  decision.candidates.clear();
  decision.chosen = 0;
  for (const ProposalSource source : kSources) {
    const bool looks_up = source == ProposalSource::kLookup || source == ProposalSource::kMixed;
    const bool drafts = source == ProposalSource::kDraft || source == ProposalSource::kMixed;
    if ((looks_up && !has_match_) || (drafts && !drafts_)) continue;
    Try(source, price, decision);
  }
}

void StepPlanner::Try(ProposalSource source, std::optional<double> price, Decision& decision) {
  DescribeRequests(source);
  const SearchResult& found = search_.Find(Problem(price), target_, draft_);
  int speculating = 0;
  int by_lookup = 0;
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    if (requests_[i].survival.empty()) continue;
    ++speculating;
    by_lookup += requests_[i].ready > 0 ? 1 : 0;
  }
  const bool better = found.value > best_value_;
  for (const PlanCandidate& candidate : search_.by_passes()) {
    if (candidate.tokens == 0) continue;
    if (candidate.verified == 0 && source != ProposalSource::kNone) continue;
    if (better && candidate.draft_depth == found.draft_passes) {
      decision.chosen = static_cast<int>(decision.candidates.size());
    }
    decision.candidates.push_back(candidate);
    if (candidate.verified == 0) continue;
    decision.candidates.back().speculating = speculating;
    decision.candidates.back().by_lookup = by_lookup;
  }
  if (!better) return;
  best_value_ = found.value;
  lengths_ = found.lengths;
  plan_.source = source;
  plan_.expected = {.speculating = static_cast<int>(std::ranges::count_if(
                        found.lengths, [](int length) { return length > 0; })),
                    .by_lookup = by_lookup,
                    .draft_depth = found.draft_passes,
                    .verified = std::accumulate(found.lengths.begin(), found.lengths.end(), 0),
                    .tokens = found.tokens,
                    .seconds = Seconds(found.seconds)};
}

void StepPlanner::DescribeRequests(ProposalSource source) {
  requests_.clear();
  for (std::size_t i = 0; i < step_->requests.size(); ++i) {
    const RequestView& view = step_->requests[i];
    const Lane& lane = lanes_[i];
    SearchRequest request{.weight = static_cast<float>(lane.weight), .slot = view.slot};
    if (source == ProposalSource::kLookup) {
      request.survival = lane.lookup;
      request.ready = static_cast<int>(lane.lookup.size());
    } else if (source == ProposalSource::kMixed) {
      request.survival = lane.mixed;
      request.ready = lane.mixed_lookup;
    } else if (source == ProposalSource::kDraft && lane.may_draft) {
      request.survival = lane.option > 0 ? lane.offered : lane.draft;
    }
    requests_.push_back(request);
  }
}

// A usual step has no prompts.
SearchProblem StepPlanner::Problem(std::optional<double> price) const {
  const bool one_pass = step_->target_rule == BatchRule::kOnePass;
  return {.requests = requests_,
          .target_rule = step_->target_rule,
          .draft_rule = step_->draft_rule,
          .target_fills_gaps = step_->target_fills_gaps,
          .draft_fills_gaps = step_->draft_fills_gaps,
          .prefill_rows = price && one_pass ? step_->prefill_rows : 0,
          .prompts = price && !one_pass ? step_->prompts : std::span<const PromptView>{},
          .first_draft_rows = first_draft_rows_,
          .fixed_seconds = step_host_.count(),
          .row_seconds = row_host_.count(),
          .price = price};
}

void StepPlanner::ForgetChoices() {
  plan_.draft.choices.assign(step_->requests.size(), {});
  plan_.draft.catch_up_rows = 0;
}

// A request that drafts may go on as far as its evidence carries it: DraftOn decides.
void StepPlanner::WriteChoices() {
  ForgetChoices();
  double catch_up = 0;
  for (std::size_t i = 0; i < step_->requests.size(); ++i) {
    if (lengths_[i] == 0) continue;
    const Lane& lane = lanes_[i];
    DraftChoice& choice = plan_.draft.choices[i];
    int lookup = 0;
    if (plan_.source == ProposalSource::kLookup) lookup = lengths_[i];
    if (plan_.source == ProposalSource::kMixed) lookup = std::min(lengths_[i], lane.mixed_lookup);
    choice[ProposerKind::kPromptLookup] = lookup;
    if (lengths_[i] <= lookup) continue;
    choice[ProposerKind::kDraftModel] = static_cast<int>(
        plan_.source == ProposalSource::kMixed ? lane.mixed.size() : lane.draft.size());
    if (lane.catches_up) catch_up += lane.catch_up_seconds;
    if (lane.anew) choice.recent = options_.recent_tokens;
  }
  if (catch_up > 0) plan_.draft.catch_up_rows = CatchUpRows();
  plan_.expected.investment = Seconds(catch_up);
  plan_.expected.seconds += Seconds(catch_up);
}

const StepPlan& StepPlanner::Off() {
  ForgetChoices();
  plan_.source = ProposalSource::kNone;
  plan_.expected = off_;
  return plan_;
}

}  // namespace turbospec
