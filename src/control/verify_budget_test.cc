#include "control/verify_budget.h"

#include <gtest/gtest.h>

#include <numeric>

#include "core/random.h"

namespace turbospec {
namespace {

// A batch with random survivals, and a cost that is a random staircase.
struct Case {
  std::vector<std::vector<double>> survivals;
  std::vector<double> seconds;  // by budget

  explicit Case(std::uint64_t seed) {
    RandomStream random(seed);
    const auto requests = static_cast<std::size_t>(1 + random.Uniform() * 4);
    for (std::size_t i = 0; i < requests; ++i) {
      std::vector<double>& survival = survivals.emplace_back();
      double product = 1;
      for (auto n = static_cast<int>(random.Uniform() * 4.99); n > 0; --n) {
        product *= random.Uniform() < 0.2 ? 1.0 : random.Uniform();
        survival.push_back(product);
      }
    }
    double cost = 1 + random.Uniform();
    for (int b = 0; b <= 20; ++b) {
      seconds.push_back(cost);
      if (random.Uniform() < 0.3) cost += 2 * random.Uniform();
    }
  }

  int requests() const { return static_cast<int>(survivals.size()); }
  Seconds Cost(int budget) const { return Seconds(seconds[static_cast<std::size_t>(budget)]); }
  std::vector<double> Flat() const {
    std::vector<double> all;
    for (const auto& each : survivals) all.insert(all.end(), each.begin(), each.end());
    return all;
  }
  double Goodput(const std::vector<int>& lengths) const {
    double tokens = requests();
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      tokens = std::accumulate(survivals[i].begin(), survivals[i].begin() + lengths[i], tokens);
    }
    return tokens / Cost(std::accumulate(lengths.begin(), lengths.end(), 0)).count();
  }
  // The best of all ways to give every request a length.
  double BestGoodput(std::vector<int> lengths = {}) const {
    if (lengths.size() == survivals.size()) return Goodput(lengths);
    double best = 0;
    const auto most = static_cast<int>(survivals[lengths.size()].size());
    lengths.push_back(0);
    for (lengths.back() = 0; lengths.back() <= most; ++lengths.back()) {
      best = std::max(best, BestGoodput(lengths));
    }
    return best;
  }
};

TEST(VerifyBudget, TheExampleOfTheHeader) {
  std::vector<double> survivals = {0.8, 0.4};
  const VerifyBudget best = BestBudget(1, survivals, [](int b) { return Seconds(10 + b); });
  EXPECT_EQ(best.budget, 2);
  EXPECT_DOUBLE_EQ(best.tokens, 2.2);
  EXPECT_EQ(best.seconds.count(), 12);
}

TEST(VerifyBudget, IsAsGoodAsTheBestOfAllLengths) {
  int trimmed = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const Case batch(seed);
    std::vector<double> flat = batch.Flat();
    const VerifyBudget best =
        BestBudget(batch.requests(), flat, [&](int b) { return batch.Cost(b); });
    const std::vector<int> lengths = SpendBudget(batch.survivals, best.budget);
    ASSERT_EQ(std::accumulate(lengths.begin(), lengths.end(), 0), best.budget) << seed;
    ASSERT_NEAR(batch.Goodput(lengths), batch.BestGoodput(), 1e-12) << seed;
    ASSERT_NEAR(best.tokens / best.seconds.count(), batch.BestGoodput(), 1e-12) << seed;
    trimmed += best.budget > 0 && best.budget < static_cast<int>(flat.size()) ? 1 : 0;
  }
  EXPECT_GT(trimmed, 300);
}

TEST(VerifyBudget, LooksBeyondARiser) {
  std::vector<double> survivals(8, 0.9);
  const VerifyBudget best =
      BestBudget(1, survivals, [](int b) { return Seconds(b == 0 ? 1.0 : 2.5); });
  EXPECT_EQ(best.budget, 8);
}

TEST(VerifyBudget, OfEqualsTheSmallestIsTaken) {
  std::vector<double> survivals = {1, 1};
  EXPECT_EQ(BestBudget(1, survivals, [](int b) { return Seconds(1 + b); }).budget, 0);
}

TEST(VerifyBudget, NobodyRunning) {
  std::vector<double> none;
  EXPECT_EQ(BestBudget(0, none, [](int) { return Seconds(1); }).budget, 0);
  EXPECT_TRUE(SpendBudget({}, 3).empty());
}

TEST(SpendBudget, GoesToTheSurestTokensOfAll) {
  const std::vector<std::vector<double>> survivals = {{0.5, 0.4, 0.3}, {0.9, 0.8, 0.2}, {}};
  EXPECT_EQ(SpendBudget(survivals, 3), (std::vector<int>{1, 2, 0}));
  EXPECT_EQ(SpendBudget(survivals, 99), (std::vector<int>{3, 3, 0}));
  EXPECT_EQ(SpendBudget(survivals, 0), (std::vector<int>{0, 0, 0}));
}

TEST(SpendBudget, EqualTokensGoToTheEarlierRequest) {
  const std::vector<std::vector<double>> survivals = {{1, 1}, {1, 1}};
  EXPECT_EQ(SpendBudget(survivals, 3), (std::vector<int>{2, 1}));
}

}  // namespace
}  // namespace turbospec
