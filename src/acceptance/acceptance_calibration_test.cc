// Against requests whose true acceptance is known: are predictions right on average, whatever is
// verified, and do they follow when the truth changes?
#include <gtest/gtest.h>

#include <cmath>

#include "acceptance/synthetic_requests_fixture.h"

namespace turbospec {
namespace {

constexpr std::size_t kDraft = 1;

void ExpectCalibrated(const ReliabilityDiagram& diagram, double tolerance = 0.05) {
  int deciles = 0;
  for (int d = 0; d < ReliabilityDiagram::kDeciles; ++d) {
    if (diagram.count(d) < 500) continue;
    ++deciles;
    EXPECT_NEAR(diagram.MeanPredicted(d), diagram.MeanObserved(d), tolerance)
        << "decile " << d << ", " << diagram.count(d) << " labels";
  }
  EXPECT_GE(deciles, 2);
}

struct Window {
  ReliabilityDiagram expected;
  ReliabilityDiagram given;
};

Window RunWarm(AcceptancePredictor& predictor, SyntheticRequests& requests, int warm, int steps) {
  requests.Run(warm);
  const CalibrationRecord before = predictor.calibration();
  requests.Run(steps);
  return {predictor.calibration().expected[kDraft].Since(before.expected[kDraft]),
          predictor.calibration().given[kDraft].Since(before.given[kDraft])};
}

class Calibration : public testing::TestWithParam<double> {};

TEST_P(Calibration, HoldsInEveryDecileWhateverRequestsDiffer) {
  AcceptancePredictor predictor({});
  SyntheticRequests requests(predictor, 32);
  requests.truth = {.by_depth = -0.1, .request_spread = GetParam()};
  const Window window = RunWarm(predictor, requests, 300, 1500);
  ExpectCalibrated(window.expected);
  ExpectCalibrated(window.given);
  // Evidence tells more than the request's past, and both more than one rate for all.
  const double rate = window.expected.MeanObserved();
  EXPECT_LT(window.given.BrierScore(), 0.9 * rate * (1 - rate));
  if (GetParam() >= 1) {
    EXPECT_LT(window.expected.BrierScore(), 0.95 * rate * (1 - rate));
  }
}

INSTANTIATE_TEST_SUITE_P(BySpread, Calibration, testing::Values(0.0, 0.5, 1.0, 1.5));

TEST(AcceptanceCalibration, HoldsWhereLengthsFollowThePredictions) {
  // What a controller does: verify until survival by the evidence-free estimate is low.
  AcceptancePredictor predictor({});
  SyntheticRequests requests(predictor, 32);
  requests.truth = {.level = 0.3, .request_spread = 1};
  requests.verified = [&](int place) {
    double a[8];
    predictor.Expected(requests.HandleAt(place), ProposerKind::kDraftModel, 1, {}, a);
    double survival = 1;
    int length = 0;
    while (length < 8 && (survival *= a[length]) > 0.25) ++length;
    return std::max(length, 1);
  };
  const Window window = RunWarm(predictor, requests, 300, 2500);
  ExpectCalibrated(window.expected);
  ExpectCalibrated(window.given);
}

TEST(AcceptanceCalibration, ExpectationHoldsWhereOnlySureTokensAreVerified) {
  // Tokens with bad evidence get no label. Without a word for them drafting would seem to pay where
  // it does not: of what is verified here, far more is accepted.
  AcceptancePredictor predictor({});
  SyntheticRequests requests(predictor, 32);
  requests.truth = {.level = 0.3, .request_spread = 1};
  requests.least_survival = 0.5;
  requests.Run(400);
  requests.first_tokens = requests.first_tokens_accepted = requests.first_tokens_expected = 0;
  const CalibrationRecord before = predictor.calibration();
  requests.Run(1500);
  EXPECT_NEAR(requests.first_tokens_expected / requests.first_tokens,
              requests.first_tokens_accepted / requests.first_tokens, 0.03);
  ExpectCalibrated(predictor.calibration().given[kDraft].Since(before.given[kDraft]));
}

TEST(AcceptanceCalibration, TrueRateIsReadWhateverLengthIsVerified) {
  for (const int length : {1, 2, 5, 8}) {
    AcceptancePredictor predictor({});
    SyntheticRequests requests(predictor, 16);
    requests.truth = {.level = std::log(0.8 / 0.2), .slope = 0};
    requests.verified = [&](int) { return length; };
    requests.Run(300);
    double sum = 0;
    for (int s = 0; s < 600; ++s) {
      requests.Step();
      sum += requests.ExpectedOfNew() / 600;
    }
    EXPECT_NEAR(sum, 0.8, 0.03) << "verified to " << length;
  }
}

TEST(AcceptanceCalibration, PositionsThatAreSeldomVerifiedKeepTheirOwnRate) {
  AcceptancePredictor predictor({});
  SyntheticRequests requests(predictor, 32);
  requests.truth = {.level = 2, .slope = 0, .by_depth = -0.4};
  requests.verified = [](int place) { return place % 8 == 0 ? 6 : 2; };
  requests.Run(1500);
  double a[6];
  predictor.Expected(predictor.Find(1u << 30), ProposerKind::kDraftModel, 1, {}, a);
  for (int j = 0; j < 6; ++j) {
    EXPECT_NEAR(a[j], 1 / (1 + std::exp(-(2 - 0.4 * j))), 0.06) << "depth " << j + 1;
  }
}

TEST(AcceptanceReaction, NewRequestsStartFromTheNewPhaseWithinFiftySteps) {
  AcceptancePredictor predictor({});
  SyntheticRequests requests(predictor, 32);
  requests.truth = {.level = 2.5, .slope = 0, .request_spread = 0.5};
  requests.Run(600);
  const double before = requests.ExpectedOfNew();
  requests.truth.level = -1;
  requests.lifetime = 25;  // the old phase's requests leave
  requests.Run(50);
  EXPECT_NEAR(before, 0.92, 0.04);
  EXPECT_NEAR(requests.ExpectedOfNew(), 0.27, 0.08);
}

TEST(AcceptanceReaction, ALoneRequestsPhaseIsFollowedToo) {
  AcceptancePredictor predictor({});
  SyntheticRequests requests(predictor, 1);
  requests.truth = {.level = 2.5, .slope = 0};
  requests.Run(600);
  requests.truth.level = -1;
  requests.lifetime = 25;
  requests.Run(100);
  EXPECT_LT(requests.ExpectedOfNew(), 0.5);
}

}  // namespace
}  // namespace turbospec
