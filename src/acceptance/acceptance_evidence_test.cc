// What the predictor makes of the evidence of drafted tokens and of matches.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "acceptance/acceptance_fixture.h"

namespace turbospec {
namespace {

TEST(AcceptanceEvidence, UnusedLookupTeachesLookupOnly) {
  Fixture f;
  const double draft = f.Expected();
  const double lookup = f.ExpectedByLookup();
  for (int s = 0; s < 30; ++s) {
    f.predictor.Learn(
        kRequest, {.evidence = {}, .unused_lookup = {.match = kMatch, .scored = 4, .agreed = 4}},
        true);
    f.predictor.Tick();
  }
  EXPECT_GT(f.ExpectedByLookup(), lookup + 0.2);
  EXPECT_EQ(f.Expected(), draft);
  EXPECT_EQ(f.predictor.calibration().expected[0].count(), 120);
  EXPECT_EQ(f.predictor.calibration().given[0].count(), 30);
}

TEST(AcceptanceEvidence, AnUnverifiedTokenTeachesLikeAVerifiedOneWhereItsFateIsKnown) {
  Fixture verified;
  Fixture looked_at;
  for (int s = 0; s < 30; ++s) {
    const bool survives = s % 3 > 0;
    verified.Learn(Drafted(1), 1, survives ? 1 : 0);
    looked_at.predictor.Learn(
        kRequest, {.evidence = Drafted(1), .committed = 1, .next_agreed = survives}, true);
    verified.predictor.Tick();
    looked_at.predictor.Tick();
  }
  EXPECT_EQ(looked_at.Expected(), verified.Expected());
  EXPECT_EQ(looked_at.Given(-0.5F), verified.Given(-0.5F));
  EXPECT_EQ(looked_at.predictor.calibration().expected[1].count(), 30);
}

TEST(AcceptanceEvidence, ALateGuessTeachesLikeAFirstDraftToken) {
  Fixture verified;
  Fixture guessed;
  for (int s = 0; s < 30; ++s) {
    const bool survives = s % 3 > 0;
    const LateGuess guess{.confidence = Drafted(1).front().confidence, .agreed = survives};
    verified.Learn(Drafted(1), 1, survives ? 1 : 0);
    guessed.predictor.Learn(kRequest, {.evidence = {}, .committed = 1, .late_guesses = {&guess, 1}},
                            true);
    verified.predictor.Tick();
    guessed.predictor.Tick();
  }
  EXPECT_EQ(guessed.Expected(), verified.Expected());
  EXPECT_EQ(guessed.Given(-0.5F), verified.Given(-0.5F));
}

TEST(AcceptanceEvidence, UnusedAndUsedLookupTeachTheSameOfItsFirstTokens) {
  Fixture used;
  Fixture unused;
  for (int s = 0; s < 30; ++s) {
    used.Learn(LookedUp(6), 6, 2);
    unused.predictor.Learn(
        kRequest, {.evidence = {}, .unused_lookup = {.match = kMatch, .scored = 3, .agreed = 2}},
        true);
    used.predictor.Tick();
    unused.predictor.Tick();
  }
  EXPECT_EQ(used.ExpectedByLookup(), unused.ExpectedByLookup());
}

TEST(AcceptanceEvidence, MoreConfidenceNeverMeansLessAcceptance) {
  Fixture f;
  // Labels that claim the opposite: sure tokens fail, unsure ones pass.
  for (int s = 0; s < 200; ++s) {
    f.Learn(Drafted(1, -0.001F), 1, 0, 1);
    f.Learn(Drafted(1, -3.0F), 1, 1, 2);
    f.predictor.Tick();
  }
  double before = 0;
  for (float confidence = -8; confidence <= 0; confidence += 0.05F) {
    const double a = f.Given(confidence, kStranger);
    EXPECT_GE(a, before);
    before = a;
  }
}

TEST(AcceptanceEvidence, LongerAndClearerMatchesPromiseMore) {
  AcceptancePredictor predictor({});
  const auto handle = predictor.Find(kRequest);
  const auto expected = [&](const LookupMatch& match) {
    double a = 0;
    predictor.Expected(handle, ProposerKind::kPromptLookup, 1, match, {&a, 1});
    return a;
  };
  const double ordinary = expected({3, 1, 1, 8});
  EXPECT_GT(expected({8, 1, 1, 8}), ordinary);
  EXPECT_GT(expected({3, 5, 5, 8}), ordinary);
  EXPECT_LT(expected({3, 5, 1, 8}), ordinary);
}

TEST(AcceptanceEvidence, LookupPromisesNothingBeyondWhatItHas) {
  AcceptancePredictor predictor({});
  const auto handle = predictor.Find(kRequest);
  std::array<double, 4> a{};
  a.fill(7);
  predictor.Expected(handle, ProposerKind::kPromptLookup, 1, {4, 1, 1, 2}, a);
  EXPECT_GT(a[1], 0);
  EXPECT_EQ(a[2], 0);
  EXPECT_EQ(a[3], 0);
  predictor.Expected(handle, ProposerKind::kPromptLookup, 1, {}, a);
  EXPECT_EQ(a[0], 0);
  predictor.Expected(handle, ProposerKind::kPromptLookup, 1, {4, 1, 1, -9}, a);
  EXPECT_EQ(a[0], 0);
}

TEST(AcceptanceEvidence, EveryAcceptedTokenSpeaksForTheNext) {
  // Of a stranger's proposal with equal evidence, later tokens are likelier: had the request been a
  // bad one, the earlier tokens would not have survived.
  Fixture f;
  std::array<double, 4> a{};
  f.predictor.Given(f.predictor.Find(kStranger), Drafted(4), a);
  EXPECT_LT(a[0], a[1]);
  EXPECT_LT(a[1], a[2]);
}

TEST(AcceptanceEvidence, AWalkAndTheWholeProposalAgree) {
  Fixture f;
  f.Accepts(2, 10);
  std::vector<DraftEvidence> evidence = LookedUp(3);
  for (const DraftEvidence& drafted : Drafted(5, -0.7F)) evidence.push_back(drafted);
  std::array<double, 8> whole{};
  const auto handle = f.predictor.Find(kRequest);
  f.predictor.Given(handle, evidence, whole);
  AcceptancePredictor::Path path = f.predictor.Begin(handle);
  for (std::size_t j = 0; j < evidence.size(); ++j) {
    EXPECT_EQ(f.predictor.Given(path, evidence[j]), whole[j]);
  }
  EXPECT_EQ(path.depth, 8);
}

TEST(AcceptanceEvidence, DraftTokensAfterLookupStandAtTheirDepthInTheProposal) {
  Fixture f;
  for (RequestId r = 0; r < 60; ++r) {
    for (int s = 0; s < 10; ++s) {  // the third draft token never survives
      f.Learn(Drafted(3), 3, 2, r);
      f.predictor.Tick();
    }
    f.predictor.Forget(r);
  }
  EXPECT_GT(f.Expected(kStranger, 1), 0.7);
  EXPECT_LT(f.Expected(kStranger, 3), 0.5);
}

TEST(AcceptanceEvidence, OptimismRaisesTheEstimateMostWhereLeastIsKnown) {
  Fixture f;
  f.Accepts(0, 100);
  const auto gain = [&](RequestId request) {
    return f.Expected(request, 1, ProposerKind::kDraftModel, 1) - f.Expected(request);
  };
  EXPECT_GT(gain(kRequest), 0);
  EXPECT_GT(gain(kStranger), gain(kRequest));
}

TEST(AcceptanceEvidence, AnyEvidenceIsHarmless) {
  const float infinity = std::numeric_limits<float>::infinity();
  const int most = std::numeric_limits<int>::max();
  const int least = std::numeric_limits<int>::min();
  Fixture f;
  std::vector<DraftEvidence> evidence;
  for (const float confidence : {std::nanf(""), infinity, -infinity, 0.0F, -0.0F, 5.0F, -1e30F}) {
    evidence.push_back({.confidence = confidence});
  }
  for (const int number : {0, -1, most, least}) {
    for (const int other : {0, -1, most, least}) {
      evidence.push_back({.proposer = ProposerKind::kPromptLookup,
                          .match_length = number,
                          .occurrences = other,
                          .agreeing = number});
    }
  }
  evidence.push_back({.proposer = static_cast<ProposerKind>(77)});
  std::vector<double> a(evidence.size());
  for (int s = 0; s < 200; ++s) {
    f.predictor.Given(f.predictor.Find(kRequest), evidence, a);
    for (const double p : a) {
      ASSERT_GT(p, 0);
      ASSERT_LT(p, 1);
    }
    f.Learn(evidence, static_cast<int>(a.size()), s % static_cast<int>(a.size()));
    f.predictor.Tick();
    f.predictor.Expected(f.predictor.Find(kRequest), ProposerKind::kPromptLookup, 0,
                         {most, least, most, most}, a);
    ASSERT_GT(a[0], 0);
    ASSERT_LT(a[0], 1);
  }
}

TEST(AcceptanceEvidence, ReadsEvidenceBeyondTheEndsAsTheEnds) {
  Fixture f;
  f.Accepts(2, 20);
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(f.Given(-infinity), f.Given(-50));
  EXPECT_EQ(f.Given(0), f.Given(-1e-9F));
  EXPECT_LT(f.Given(-infinity), f.Given(std::nanf("")));
  EXPECT_LT(f.Given(std::nanf("")), f.Given(0));
}

}  // namespace
}  // namespace turbospec
