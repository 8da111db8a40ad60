#include "acceptance/evidence_resolution.h"

#include <gtest/gtest.h>

#include "acceptance/acceptance_fixture.h"
#include "core/random.h"

namespace turbospec {
namespace {

// Tokens of which one half is predicted to be `step` better than the other, and is.
double ShareAfter(int labels, double step, bool true_to_it = true) {
  EvidenceResolution resolution;
  RandomStream random(5);
  for (int i = 0; i < labels; ++i) {
    const double given = i % 2 == 0 ? 0.5 + step : 0.5 - step;
    resolution.Add(0.5, given, random.Uniform() < (true_to_it ? given : 0.5));
    resolution.Tick();
  }
  return resolution.share();
}

TEST(EvidenceResolution, IsTheShareOfTheVarianceThatIsExplained) {
  EXPECT_NEAR(ShareAfter(20'000, 0.25), 0.25, 0.05);
  EXPECT_NEAR(ShareAfter(20'000, 0), 0, 1e-3);
  EXPECT_NEAR(ShareAfter(20'000, 0.5), 1, 1e-3);
}

TEST(EvidenceResolution, IsNothingWherePredictionsOnlyJumpAbout) {
  EXPECT_NEAR(ShareAfter(20'000, 0.4, /*true_to_it=*/false), 0, 0.08);
}

TEST(EvidenceResolution, BelievesLittleBeforeItHasLabels) {
  EXPECT_NEAR(EvidenceResolution().share(), 0.1, 1e-9);
  EXPECT_LT(ShareAfter(4, 0.4), 0.3);
}

TEST(EvidenceResolution, ForgetsWhatIsLongAgo) {
  EvidenceResolution resolution;
  for (int i = 0; i < 10'000; ++i) resolution.Add(0.5, 1, true), resolution.Tick();
  for (int i = 0; i < 10'000; ++i) resolution.Add(0.5, 0.5, i % 2 == 0), resolution.Tick();
  EXPECT_LT(resolution.share(), 0.01);
}

// Half of the tokens look sure and are, the others look bad and are.
TEST(EvidenceResolution, OfAPredictorGrowsWithWhatConfidenceSays) {
  Fixture telling;
  Fixture mute;
  RandomStream random(3);
  for (int step = 0; step < 400; ++step) {
    const bool sure = random.Uniform() < 0.5;
    const int accepted = random.Uniform() < (sure ? 0.95 : 0.05) ? 1 : 0;
    telling.Learn(Drafted(1, sure ? -0.02F : -3.0F), 1, accepted);
    telling.predictor.Tick();
    mute.Learn(Drafted(1), 1, accepted);
    mute.predictor.Tick();
  }
  EXPECT_GT(telling.predictor.Resolution(), 0.5);
  EXPECT_LT(mute.predictor.Resolution(), 0.1);
}

}  // namespace
}  // namespace turbospec
