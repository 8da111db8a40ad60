#include "control/never_worse_guard.h"

#include <gtest/gtest.h>

#include "control/output_horizon.h"
#include "control/probe_ledger.h"

namespace turbospec {
namespace {

// Steps until it pauses, at most `most`; each yields `ratio` of what no speculation would.
int StepsUntilPause(NeverWorseGuard& guard, double ratio, int most) {
  for (int step = 1; step <= most; ++step) {
    guard.Learn(ratio, 1, true);
    if (guard.pausing()) return step;
  }
  return most + 1;
}

int PauseLength(NeverWorseGuard& guard) {
  int steps = 0;
  for (; guard.pausing(); ++steps) guard.Learn(1, 1, false);
  return steps;
}

TEST(NeverWorseGuard, LetsSpeculationThatWinsGoOn) {
  NeverWorseGuard guard({});
  EXPECT_GT(StepsUntilPause(guard, 1.05, 1000), 1000);
}

TEST(NeverWorseGuard, PausesWhenSpeculationLosesOverHalfAWindow) {
  NeverWorseGuard guard({});
  const int steps = StepsUntilPause(guard, 0.9, 1000);
  EXPECT_GT(steps, 20);
  EXPECT_LT(steps, 48);
}

TEST(NeverWorseGuard, ForgivesASingleBadStep) {
  NeverWorseGuard guard({});
  EXPECT_GT(StepsUntilPause(guard, 1.1, 100), 100);
  guard.Learn(1, 3, true);
  EXPECT_FALSE(guard.pausing());
}

TEST(NeverWorseGuard, StaysOffTwiceAsLongEachTimeUntilItWins) {
  NeverWorseGuard guard({.first_pause_steps = 10, .longest_pause_steps = 25});
  StepsUntilPause(guard, 0.8, 100);
  EXPECT_EQ(PauseLength(guard), 10);
  StepsUntilPause(guard, 0.8, 100);
  EXPECT_EQ(PauseLength(guard), 20);
  StepsUntilPause(guard, 0.8, 100);
  EXPECT_EQ(PauseLength(guard), 25);
  StepsUntilPause(guard, 1.2, 60);
  StepsUntilPause(guard, 0.8, 500);
  EXPECT_EQ(PauseLength(guard), 10);
}

TEST(ProbeLedger, AffordsAProbeAfterItHasSavedForIt) {
  ProbeLedger ledger(0.01, 1);
  ledger.SaveFor(2);
  int steps = 0;
  for (; !ledger.CanPay(2); ++steps) ledger.Earn(4);
  EXPECT_EQ(steps, 50);
  ledger.Pay(2);
  EXPECT_FALSE(ledger.CanPay(0.5));
  ledger.Refund(2);
  EXPECT_TRUE(ledger.CanPay(2));
}

TEST(ProbeLedger, SavesNoMoreThanIsWanted) {
  ProbeLedger ledger(0.01, 1);
  ledger.SaveFor(3);
  for (int step = 0; step < 10000; ++step) ledger.Earn(4);
  EXPECT_TRUE(ledger.CanPay(3));
  EXPECT_FALSE(ledger.CanPay(3.1));
}

TEST(OutputHorizon, ExpectsWhatEndedRequestsHad) {
  OutputHorizon horizon;
  for (int i = 0; i < 200; ++i) horizon.Learn(40);
  EXPECT_NEAR(horizon.Left(0, 1000), 40, 5);
  EXPECT_NEAR(horizon.Left(30, 1000), 10, 5);
  EXPECT_EQ(horizon.Left(0, 7), 7);
  EXPECT_GT(horizon.Left(400, 1000), 50);
}

}  // namespace
}  // namespace turbospec
