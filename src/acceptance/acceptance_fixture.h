// A predictor and the few things that tests say of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "acceptance/acceptance_predictor.h"

namespace turbospec {

inline constexpr RequestId kRequest = 1;
inline constexpr RequestId kStranger = 999;
inline constexpr LookupMatch kMatch{.length = 4, .occurrences = 2, .agreeing = 2, .available = 32};

inline std::vector<DraftEvidence> Drafted(int tokens, float confidence = -0.2F) {
  return std::vector<DraftEvidence>(static_cast<std::size_t>(tokens), {.confidence = confidence});
}

inline std::vector<DraftEvidence> LookedUp(int tokens) {
  return std::vector<DraftEvidence>(static_cast<std::size_t>(tokens),
                                    {.proposer = ProposerKind::kPromptLookup,
                                     .match_length = 4,
                                     .occurrences = 2,
                                     .agreeing = 2});
}

struct Fixture {
  AcceptancePredictor predictor{{}};

  void Learn(const std::vector<DraftEvidence>& evidence, int verified, int accepted,
             RequestId request = kRequest, bool trains_shared = true) {
    predictor.Learn(request,
                    {.evidence = evidence,
                     .verified = verified,
                     .accepted = accepted,
                     .committed = accepted + 1},
                    trains_shared);
  }
  // `steps` steps, each with four tokens verified.
  void Accepts(int accepted, int steps, RequestId request = kRequest, bool trains_shared = true) {
    for (int s = 0; s < steps; ++s) {
      Learn(Drafted(4), 4, accepted, request, trains_shared);
      predictor.Tick();
    }
  }
  double Expected(RequestId request = kRequest, int depth = 1,
                  ProposerKind proposer = ProposerKind::kDraftModel, double sigmas = 0) {
    double a = 0;
    predictor.Expected(predictor.Find(request), proposer, depth, kMatch, {&a, 1}, sigmas);
    return a;
  }
  double ExpectedByLookup(RequestId request = kRequest) {
    return Expected(request, 1, ProposerKind::kPromptLookup);
  }
  double Given(float confidence, RequestId request = kRequest) {
    AcceptancePredictor::Path path = predictor.Begin(predictor.Find(request));
    return predictor.Given(path, {.confidence = confidence});
  }
  double Uncertainty(RequestId request = kRequest) {
    return predictor.Uncertainty(predictor.Find(request), ProposerKind::kDraftModel);
  }
  std::int64_t Labels() const {
    std::int64_t sum = 0;
    for (const auto& diagram : predictor.calibration().expected) sum += diagram.count();
    return sum;
  }
};

}  // namespace turbospec
