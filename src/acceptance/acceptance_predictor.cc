#include "acceptance/acceptance_predictor.h"

#include <algorithm>
#include <cmath>

#include "acceptance/sigmoid.h"

namespace turbospec {
namespace {

constexpr std::size_t kLookup = 0;
constexpr std::size_t kDraft = 1;

double LogitOf(double probability) {
  return std::log(probability / (1 - probability));
}

SharedWeightsOptions WeightsOf(const AcceptanceOptions& options, std::size_t proposer, bool given) {
  SharedWeightsOptions weights{.level = LogitOf(options.prior_acceptance[proposer]),
                               .level_spread = options.prior_spread,
                               .level_memory_steps = options.shared_memory_steps,
                               .level_drift = options.shared_drift};
  if (proposer == kLookup) {
    weights.slopes = {0.4, 0.4};
  } else if (given) {
    // Ordinary evidence is the knee of DraftFeatures here, and a surer token than most.
    weights.level += 1;
    weights.slopes = {0.6, 0.4};
  }
  return weights;
}

}  // namespace

AcceptancePredictor::AcceptancePredictor(const AcceptanceOptions& options)
    : options_(options),
      weights_{SharedWeights(WeightsOf(options, kLookup, false)),
               SharedWeights(WeightsOf(options, kLookup, true)),
               SharedWeights(WeightsOf(options, kDraft, false)),
               SharedWeights(WeightsOf(options, kDraft, true))},
      handles_(options.reserved_requests) {
  for (std::size_t c = 0; c < kChannels; ++c) InitSpread(spread_[c], c % 2 == 1);
  requests_.reserve(static_cast<std::size_t>(options.reserved_requests));
}

std::size_t AcceptancePredictor::IndexOf(ProposerKind proposer) {
  return proposer == ProposerKind::kPromptLookup ? kLookup : kDraft;
}

AcceptancePredictor::Handle AcceptancePredictor::Find(RequestId request) {
  const int known = handles_.Find(request);
  if (known != RequestTable::kAbsent) return known;
  const int index = handles_.Insert(request);
  if (static_cast<std::size_t>(index) >= requests_.size()) requests_.emplace_back();
  Request& fresh = requests_[static_cast<std::size_t>(index)];
  fresh = {.active = true};
  for (std::size_t c = 0; c < kChannels; ++c) {
    fresh.belief[c] = fresh.next[c] = {.precision = 1 / spread_[c].variance};
  }
  RefreshShrink(fresh);
  return index;
}

void AcceptancePredictor::RefreshShrink(Request& request) const {
  for (std::size_t c = 0; c < kChannels; ++c) {
    request.shrink[c] = ShrinkOf(1 / request.belief[c].precision);
  }
}

void AcceptancePredictor::Expected(Handle request, ProposerKind proposer, int first_depth,
                                   const LookupMatch& match, std::span<double> a,
                                   double sigmas) const {
  const Channel channel{.proposer = IndexOf(proposer), .given = false};
  const std::size_t c = channel.index();
  const SharedWeights& weights = weights_[c];
  EvidenceFeatures features{};
  std::size_t possible = a.size();
  if (channel.proposer == kLookup) {
    const int available = match.length > 0 ? std::max(match.available, 0) : 0;
    possible = std::min(possible, static_cast<std::size_t>(available));
    features = lookup_features_(match.length, match.occurrences, match.agreeing);
  }
  const Request& state = At(request);
  const double evidence = weights.Evidence(features);
  const double trust = weights.Trust();
  const double own_shrink = state.shrink[c];
  Belief belief = state.belief[c];
  for (std::size_t j = 0; j < possible; ++j) {
    const int bucket = SharedWeights::BucketOf(first_depth + static_cast<int>(j));
    const double shrink = own_shrink * weights.Shrink(bucket);
    double logit = (weights.Base(bucket) + evidence) + trust * belief.mean;
    if (sigmas != 0) {
      logit += sigmas * std::sqrt(1 / state.belief[c].precision + weights.Variance(bucket));
    }
    a[j] = Sigmoid(shrink * logit);
    Observe(belief, shrink, a[j], 1);
  }
  std::fill(a.begin() + static_cast<std::ptrdiff_t>(possible), a.end(), 0.0);
}

AcceptancePredictor::Path AcceptancePredictor::Begin(Handle request) const {
  Path path{.request = request};
  for (std::size_t p = 0; p < kProposerKinds; ++p) {
    const Belief& belief = At(request).belief[Channel{p, true}.index()];
    path.mean[p] = belief.mean;
    path.precision[p] = belief.precision;
  }
  return path;
}

double AcceptancePredictor::Given(Path& path, const DraftEvidence& evidence) const {
  const std::size_t p = IndexOf(evidence.proposer);
  const std::size_t c = Channel{p, true}.index();
  const int bucket = SharedWeights::BucketOf(++path.depth);
  const double shrink = At(path.request).shrink[c] * weights_[c].Shrink(bucket);
  Belief belief{path.mean[p], path.precision[p]};
  const double a = Sigmoid(shrink * weights_[c].Logit(bucket, FeaturesOf(evidence), belief.mean));
  Observe(belief, shrink, a, 1);
  path.mean[p] = belief.mean;
  path.precision[p] = belief.precision;
  return a;
}

void AcceptancePredictor::Given(Handle request, std::span<const DraftEvidence> evidence,
                                std::span<double> a) const {
  Path path = Begin(request);
  for (std::size_t j = 0; j < evidence.size(); ++j) a[j] = Given(path, evidence[j]);
}

double AcceptancePredictor::Uncertainty(Handle request, ProposerKind proposer) const {
  const std::size_t c = Channel{IndexOf(proposer), false}.index();
  return std::sqrt(1 / At(request).belief[c].precision +
                   weights_[c].Variance(SharedWeights::BucketOf(1)));
}

EvidenceFeatures AcceptancePredictor::FeaturesOf(const DraftEvidence& evidence) const {
  return evidence.proposer == ProposerKind::kPromptLookup
             ? lookup_features_(evidence.match_length, evidence.occurrences, evidence.agreeing)
             : DraftFeatures(evidence.confidence);
}

}  // namespace turbospec
