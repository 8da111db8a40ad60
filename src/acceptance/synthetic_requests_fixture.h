// Requests whose true acceptance is known: logit a = level + slope · (logit q - 2) + by_depth · (j
// - 1)
// + what is particular to the request. A step drafts `proposed` tokens for each, verifies some,
// draws what the target accepts and teaches the predictor; requests leave after `lifetime` steps.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

#include "acceptance/acceptance_predictor.h"
#include "core/random.h"

namespace turbospec {

struct SyntheticTruth {
  double level = 0.8;         // logit of acceptance at q = 0.88, depth 1
  double slope = 0.8;         // per unit of logit q
  double by_depth = 0;        // per token of depth
  double request_spread = 0;  // standard deviation between requests
};

class SyntheticRequests {
 public:
  SyntheticRequests(AcceptancePredictor& predictor, int requests, std::uint64_t seed = 1)
      : predictor_(predictor), random_(seed), running_(static_cast<std::size_t>(requests)) {
    for (Request& request : running_) Start(request);
  }

  SyntheticTruth truth;
  int proposed = 8;
  int lifetime = 60;
  // Verified length of the request at this place of the batch; unset: everything.
  std::function<int(int place)> verified;
  // Instead, once the evidence is there: verify while the survival that it gives is above this.
  double least_survival = 0;

  // Over all that was drafted since they were last set to 0, whether verified or not.
  double first_tokens = 0;
  double first_tokens_accepted = 0;
  double first_tokens_expected = 0;

  void Step() {
    for (std::size_t i = 0; i < running_.size(); ++i) StepOne(i);
    predictor_.Tick();
    for (Request& request : running_) {
      if (++request.age < lifetime) continue;
      predictor_.Forget(request.id);
      Start(request);
    }
  }
  void Run(int steps) {
    for (int s = 0; s < steps; ++s) Step();
  }

  AcceptancePredictor::Handle HandleAt(int place) {
    return predictor_.Find(running_[static_cast<std::size_t>(place)].id);
  }

  // What is expected of the first draft token of a request that nothing is known of.
  double ExpectedOfNew(ProposerKind proposer = ProposerKind::kDraftModel) {
    double a = 0;
    predictor_.Expected(predictor_.Find(kNobody), proposer, 1, {}, {&a, 1});
    predictor_.Forget(kNobody);
    return a;
  }

 private:
  static constexpr RequestId kNobody = ~RequestId{0};
  struct Request {
    RequestId id = 0;
    double particular = 0;  // in standard deviations
    int age = 0;
  };

  double Normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += random_.Uniform();
    return sum;
  }

  void Start(Request& request) {
    const int age = next_id_ < running_.size()
                        ? static_cast<int>(next_id_) * lifetime / static_cast<int>(running_.size())
                        : 0;
    request = {.id = next_id_++, .particular = Normal(), .age = age};
  }

  void StepOne(std::size_t place) {
    evidence_.clear();
    const Request& request = running_[place];
    int limit = verified ? verified(static_cast<int>(place)) : proposed;
    int survived = -1;
    for (int j = 0; j < proposed; ++j) {
      const double q_logit = 2 + 1.5 * Normal();
      evidence_.push_back({.confidence = static_cast<float>(-std::log1p(std::exp(-q_logit)))});
      const double logit = truth.level + truth.slope * (q_logit - 2) + truth.by_depth * j +
                           truth.request_spread * request.particular;
      const bool survives = random_.Uniform() < 1 / (1 + std::exp(-logit));
      if (survived < 0 && !survives) survived = j;
    }
    if (survived < 0) survived = proposed;
    CountFirst(place, survived > 0);
    if (least_survival > 0) limit = WorthVerifying(place);
    const int accepted = std::min(survived, limit);
    predictor_.Learn(
        request.id,
        {.evidence = evidence_, .verified = limit, .accepted = accepted, .committed = accepted + 1},
        true);
  }

  void CountFirst(std::size_t place, bool accepted) {
    double a = 0;
    predictor_.Expected(HandleAt(static_cast<int>(place)), ProposerKind::kDraftModel, 1, {},
                        {&a, 1});
    first_tokens += 1;
    first_tokens_accepted += accepted ? 1 : 0;
    first_tokens_expected += a;
  }

  int WorthVerifying(std::size_t place) {
    auto path = predictor_.Begin(HandleAt(static_cast<int>(place)));
    double survival = 1;
    int length = 0;
    for (const DraftEvidence& evidence : evidence_) {
      survival *= predictor_.Given(path, evidence);
      if (survival < least_survival) break;
      ++length;
    }
    return length;
  }

  AcceptancePredictor& predictor_;
  RandomStream random_;
  std::vector<Request> running_;
  RequestId next_id_ = 0;
  std::vector<DraftEvidence> evidence_;
};

}  // namespace turbospec
