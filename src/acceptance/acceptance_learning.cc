// The half of AcceptancePredictor that changes its state: labels, time, requests that leave.
#include <algorithm>
#include <cmath>

#include "acceptance/acceptance_predictor.h"
#include "acceptance/fixed_point.h"
#include "acceptance/sigmoid.h"

namespace turbospec {
namespace {

// The spread between requests before any has finished counts as much as so many of them, and no
// more than so many of the latest count.
constexpr double kPriorRequests = 10;
constexpr double kMostRequests = 300;
constexpr double kLeastVariance = 0.02;
constexpr double kMostVariance = 9;
// With its evidence known, what is left between requests is less.
constexpr double kGivenShare = 0.4;

// Labels among the verified tokens; none where the outcome contradicts itself. A rejection counts
// only where the target's own token was committed in its place: a stop may have come first.
int LabelsOf(const RequestOutcome& outcome) {
  const int proposed = static_cast<int>(outcome.evidence.size());
  if (outcome.accepted < 0 || outcome.accepted > outcome.verified || outcome.verified > proposed ||
      outcome.committed > outcome.accepted + 1) {
    return 0;
  }
  const bool rejected = outcome.accepted < outcome.verified && outcome.committed > outcome.accepted;
  return outcome.accepted + (rejected ? 1 : 0);
}

}  // namespace

void AcceptancePredictor::InitSpread(Spread& spread, bool given) const {
  spread = {
      .variance = options_.request_spread * options_.request_spread * (given ? kGivenShare : 1),
      .count = kPriorRequests};
}

void AcceptancePredictor::Learn(RequestId request, const RequestOutcome& outcome,
                                bool trains_shared) {
  if (outcome.failed) return;
  Request& state = requests_[static_cast<std::size_t>(Find(request))];
  state.trains_shared = state.trains_shared && trains_shared;
  LearnVerified(state, outcome, trains_shared);
  LearnLateGuesses(state, outcome, trains_shared);
  LearnUnusedLookup(state, outcome.unused_lookup, trains_shared);
}

void AcceptancePredictor::LearnVerified(Request& request, const RequestOutcome& outcome,
                                        bool trains_shared) {
  const int labels = LabelsOf(outcome);
  for (int j = 0; j < labels; ++j) {
    LearnToken(request, outcome.evidence, j, j < outcome.accepted, trains_shared);
  }
  LearnUnverified(request, outcome, trains_shared);
}

void AcceptancePredictor::LearnToken(Request& request, std::span<const DraftEvidence> proposal,
                                     int place, bool label, bool trains_shared) {
  const DraftEvidence& evidence = proposal[static_cast<std::size_t>(place)];
  const std::size_t proposer = IndexOf(evidence.proposer);
  // Before drafting, lookup is judged by the match that its first token stands for.
  const EvidenceFeatures before = evidence.proposer == ProposerKind::kPromptLookup
                                      ? FeaturesOf(proposal.front())
                                      : EvidenceFeatures{};
  const double expected =
      TakeLabel(request, {proposer, false}, place + 1, before, label, trains_shared);
  const double given =
      TakeLabel(request, {proposer, true}, place + 1, FeaturesOf(evidence), label, trains_shared);
  const bool drafted = evidence.proposer == ProposerKind::kDraftModel;
  if (drafted && place == 0 && trains_shared) resolution_.Add(expected, given, label);
}

// Tokens are left unverified because their evidence is bad, so that the labels alone would make
// drafting look better than it is. The first of them has a label where the target's own token can
// be compared with it; else what the evidence says stands in for the label that it would have got.
// Deeper ones may stand on a rejected token.
void AcceptancePredictor::LearnUnverified(Request& request, const RequestOutcome& outcome,
                                          bool trains_shared) {
  const auto first = static_cast<std::size_t>(std::max(outcome.verified, 0));
  if (outcome.accepted != outcome.verified || outcome.committed != outcome.accepted + 1 ||
      first >= outcome.evidence.size()) {
    return;
  }
  if (outcome.next_agreed) {
    return LearnToken(request, outcome.evidence, outcome.verified, *outcome.next_agreed,
                      trains_shared);
  }
  if (outcome.evidence[first].proposer != ProposerKind::kDraftModel) return;
  const std::size_t proposer = IndexOf(ProposerKind::kDraftModel);
  const Channel given{proposer, true};
  const int depth = static_cast<int>(first) + 1;
  const int bucket = SharedWeights::BucketOf(depth);
  const SharedWeights& weights = weights_[given.index()];
  const double p = Sigmoid(request.shrink[given.index()] * weights.Shrink(bucket) *
                           weights.Logit(bucket, FeaturesOf(outcome.evidence[first]),
                                         request.belief[given.index()].mean));
  Teach(request, {proposer, false}, depth, EvidenceFeatures{}, p, trains_shared);
}

// Such a guess stands behind committed tokens only, like the first of a proposal.
void AcceptancePredictor::LearnLateGuesses(Request& request, const RequestOutcome& outcome,
                                           bool trains_shared) {
  for (const LateGuess& guess : outcome.late_guesses) {
    const DraftEvidence evidence{.proposer = ProposerKind::kDraftModel,
                                 .confidence = guess.confidence};
    LearnToken(request, {&evidence, 1}, 0, guess.agreed, trains_shared);
  }
}

void AcceptancePredictor::LearnUnusedLookup(Request& request, const LookupScore& score,
                                            bool trains_shared) {
  const bool differed = score.scored == score.agreed + 1;
  if (score.match.length < 1 || score.agreed < 0 || (score.scored != score.agreed && !differed)) {
    return;
  }
  const EvidenceFeatures features =
      lookup_features_(score.match.length, score.match.occurrences, score.match.agreeing);
  for (int j = 0; j < score.scored; ++j) {
    const bool label = j < score.agreed;
    TakeLabel(request, {0, false}, j + 1, features, label, trains_shared);
    // Of deeper places the evidence was never made.
    if (j == 0) TakeLabel(request, {0, true}, 1, features, label, trains_shared);
  }
}

double AcceptancePredictor::TakeLabel(Request& request, Channel channel, int depth,
                                      const EvidenceFeatures& features, bool label,
                                      bool trains_shared) {
  const double p = Teach(request, channel, depth, features, label ? 1 : 0, trains_shared);
  auto& diagrams = channel.given ? calibration_.given : calibration_.expected;
  diagrams[channel.proposer].Add(p, label);
  return p;
}

double AcceptancePredictor::Teach(Request& request, Channel channel, int depth,
                                  const EvidenceFeatures& features, double label,
                                  bool trains_shared) {
  const std::size_t c = channel.index();
  SharedWeights& weights = weights_[c];
  Belief& belief = request.next[c];
  const int bucket = SharedWeights::BucketOf(depth);
  const double shrink = request.shrink[c] * weights.Shrink(bucket);
  const double p = Sigmoid(shrink * weights.Logit(bucket, features, belief.mean));
  if (trains_shared) {
    weights.Add({.bucket = bucket,
                 .features = features,
                 .own = belief.mean,
                 .novelty = std::min(1.0, 1 / (spread_[c].variance * belief.precision)),
                 .shrink = shrink,
                 .residual = label - p,
                 .weight = p * (1 - p)});
  }
  Observe(belief, shrink, p, label);
  return p;
}

void AcceptancePredictor::Tick(double steps) {
  if (!(steps > 0)) steps = 0;
  ByChannel<Drift> drift;
  for (std::size_t c = 0; c < kChannels; ++c) {
    TickSpread(spread_[c]);
    // Where requests hardly differ, they hardly change.
    drift[c] = DriftOver(steps, options_.request_memory_steps,
                         options_.request_drift * std::sqrt(spread_[c].variance));
  }
  for (SharedWeights& weights : weights_) weights.Tick(steps);
  resolution_.Tick();
  for (Request& request : requests_) {
    if (!request.active) continue;
    for (std::size_t c = 0; c < kChannels; ++c) {
      Relax(request.next[c], 1 / spread_[c].variance, drift[c]);
    }
    request.belief = request.next;
    RefreshShrink(request);
  }
}

// With a share x of its prior variance t removed by labels, a request's mean has the expected
// square x · t: what it has more or less, against x², is one step of Fisher scoring for t.
void AcceptancePredictor::Forget(RequestId request) {
  const int index = handles_.Remove(request);
  if (index == RequestTable::kAbsent) return;
  Request& state = requests_[static_cast<std::size_t>(index)];
  state.active = false;
  if (!state.trains_shared || !options_.learns_spread) return;
  for (std::size_t c = 0; c < kChannels; ++c) {
    Spread& spread = spread_[c];
    const Belief& last = state.next[c];
    const double known = std::clamp(1 - 1 / (last.precision * spread.variance), 0.0, 1.0);
    const double square = std::min(last.mean * last.mean, kMostVariance);
    spread.pending_error += ToUnits(square - known * spread.variance);
    spread.pending_weight += ToUnits(known * known);
  }
}

void AcceptancePredictor::TickSpread(Spread& spread) const {
  if (spread.pending_weight == 0) return;
  spread.count = std::min(spread.count + FromUnits(spread.pending_weight), kMostRequests);
  spread.variance += FromUnits(spread.pending_error) / spread.count;
  spread.variance = std::clamp(spread.variance, kLeastVariance, kMostVariance);
  spread.pending_error = 0;
  spread.pending_weight = 0;
}

}  // namespace turbospec
