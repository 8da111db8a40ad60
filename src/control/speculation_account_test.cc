#include "control/speculation_account.h"

#include <gtest/gtest.h>

#include "control/output_horizon.h"

namespace turbospec {
namespace {

// Of the next step; the tests' steps yield one token without speculation.
constexpr double kRisk = 0.5;

// Steps that speculate until no more are allowed, at most `most`; each yields `ratio` of one token.
int StepsUntilPause(SpeculationAccount& account, double ratio, int most) {
  for (int step = 1; step <= most; ++step) {
    account.Earn(1);
    account.Settle(ratio, 1);
    if (!account.Allows(kRisk)) return step;
  }
  return most + 1;
}

int PauseLength(SpeculationAccount& account) {
  int steps = 0;
  for (; !account.Allows(kRisk); ++steps) account.Earn(1);
  return steps;
}

TEST(SpeculationAccount, LetsSpeculationThatWinsGoOn) {
  SpeculationAccount account({});
  EXPECT_GT(StepsUntilPause(account, 1.05, 1000), 1000);
}

TEST(SpeculationAccount, ForgivesBadStepsThatItCanAfford) {
  SpeculationAccount account({.reserve_steps = 3});
  EXPECT_EQ(StepsUntilPause(account, 0.5, 100), 7);
}

TEST(SpeculationAccount, HoldsAtLeastTheTokensThatWereAskedFor) {
  SpeculationAccount account({.reserve_steps = 3, .least_reserve = 24});
  account.Earn(1);
  EXPECT_EQ(account.balance(), 24);
  account.Settle(0, 20);
  EXPECT_TRUE(account.Allows(kRisk));
  // Of many requests three steps are more.
  SpeculationAccount of_many({.reserve_steps = 3, .least_reserve = 24});
  of_many.Earn(64);
  EXPECT_EQ(of_many.balance(), 192);
}

TEST(SpeculationAccount, BoundsTheLossWhateverIsTried) {
  const AccountOptions options{.share = 0.01, .reserve_steps = 2};
  SpeculationAccount account(options);
  double lost = 0;
  constexpr int kSteps = 10'000;
  for (int step = 0; step < kSteps; ++step) {
    account.Earn(1);
    if (!account.Allows(kRisk)) continue;
    account.Settle(0.8, 1);
    lost += 0.2;
  }
  EXPECT_LE(lost, options.share * kSteps + options.reserve_steps + 0.2);
  EXPECT_GT(lost, 0.9 * options.share * kSteps);
}

TEST(SpeculationAccount, TriesAgainWhenTheRiskIsSavedOrAProbeWon) {
  SpeculationAccount account({.share = 0.01, .reserve_steps = 1});
  StepsUntilPause(account, 0, 10);
  const double debt = -account.balance();
  EXPECT_GT(debt, 0);
  // Half of what is earned pays off the debt, half is set aside, and by then covers the risk.
  ASSERT_GT(debt, kRisk);
  EXPECT_NEAR(PauseLength(account), 2 * debt / 0.01, 2);
  StepsUntilPause(account, 0, 10);
  account.Relent();
  EXPECT_TRUE(account.Allows(kRisk));
}

TEST(SpeculationAccount, SetsMeansForProbesAsideWhileInDebt) {
  SpeculationAccount account({.share = 0.01, .reserve_steps = 1});
  StepsUntilPause(account, 0, 10);
  int probes = 0;
  const double before = account.balance();
  for (int step = 0; step < 100; ++step) {
    account.Earn(1);
    if (!account.FundProbe(0.1)) continue;
    ++probes;
    account.Settle(0.9, 1);  // what a probe takes, no more
  }
  EXPECT_NEAR(probes, 100 * 0.01 / 2 / 0.1, 1);
  EXPECT_NEAR(account.balance() - before, 100 * 0.01 / 2, 0.1);
}

TEST(SpeculationAccount, StaysOpenInDebtWhileItGains) {
  SpeculationAccount account({.share = 0.01, .reserve_steps = 2});
  StepsUntilPause(account, 0, 10);
  account.Relent();
  account.Settle(1.2, 1);
  ASSERT_LT(account.balance(), 0);
  EXPECT_TRUE(account.Allows(kRisk));
  account.Settle(0.8, 1);
  EXPECT_FALSE(account.Allows(kRisk));
}

TEST(SpeculationAccount, LendsCreditWhereManyLabelsAreForIt) {
  SpeculationAccount account({.share = 0.01, .reserve_steps = 1, .credit_steps = 2});
  StepsUntilPause(account, 0, 10);
  const double empty = account.balance();
  account.Lend();
  double lost = 0;
  while (account.Allows(kRisk)) {
    account.Settle(0.8, 1);
    lost += 0.2;
  }
  EXPECT_NEAR(lost, 2 + empty, 0.2 + 1e-9);
  // Once lost it is gone: the next try waits for the balance.
  account.Relent();
  account.Settle(0.8, 1);
  EXPECT_FALSE(account.Allows(kRisk));
}

TEST(SpeculationAccount, EndsACreditThatHasEarnedItself) {
  SpeculationAccount account({.share = 0.01, .reserve_steps = 2, .credit_steps = 1});
  StepsUntilPause(account, 0, 10);
  account.Lend();
  while (account.balance() <= 1) account.Settle(2, 1);
  while (account.balance() >= 0.1) account.Settle(0.9, 1);
  account.Settle(0.8, 1);
  EXPECT_FALSE(account.Allows(kRisk));
}

TEST(SpeculationAccount, PaysALoanWithHalfOfTheShare) {
  SpeculationAccount account({.share = 0.01, .reserve_steps = 3});
  account.Earn(1);
  account.Settle(0, 2);
  account.Invest(1);
  const double before = account.balance();
  account.Earn(1);
  EXPECT_NEAR(account.balance(), before + 0.005, 1e-9);
  for (int step = 0; step < 300; ++step) account.Earn(1);
  // 200 steps paid the loan off; from then on all of the share is its own again.
  EXPECT_NEAR(account.balance(), before + 301 * 0.01 - 1, 0.01);
}

TEST(SpeculationAccount, LendsUntilTheLimitAndAgainWhenGainsPaid) {
  SpeculationAccount account({.share = 0.01, .reserve_steps = 1, .loan_steps = 3});
  account.Earn(1);
  account.Settle(0, 1);
  EXPECT_TRUE(account.MayInvest(20));
  account.Invest(20);
  EXPECT_FALSE(account.MayInvest(2));
  EXPECT_TRUE(account.MayInvest(0));
  account.Settle(17, 0);  // the account is full, 16 go to the loan of 20
  EXPECT_FALSE(account.MayInvest(2));
  account.Settle(2, 0);
  EXPECT_TRUE(account.MayInvest(2));
}

TEST(SpeculationAccount, AnInvestmentDoesNotStopWhatItWasMadeFor) {
  SpeculationAccount account({.share = 0.01, .reserve_steps = 3});
  account.Earn(1);
  account.Invest(20);
  EXPECT_GT(StepsUntilPause(account, 1, 1000), 1000);
}

TEST(SpeculationAccount, SavesForWhatIsWantedAndNoMore) {
  SpeculationAccount account({.share = 0.01, .reserve_steps = 1});
  account.SaveFor(8);
  for (int step = 0; step < 10'000; ++step) account.Earn(4);
  EXPECT_TRUE(account.CanPay(8));
  EXPECT_FALSE(account.CanPay(8.1));
  account.Pay(7);
  EXPECT_FALSE(account.CanPay(2));
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
