#include "sampling/distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "core/random.h"
#include "sampling/softmax.h"

namespace turbospec {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

std::vector<float> LogsOf(std::vector<float> probabilities) {
  for (float& p : probabilities) p = std::log(p);
  return probabilities;
}

// Few distinct values, so that ties are everywhere.
std::vector<float> RandomLogits(RandomStream& random, std::size_t size) {
  std::vector<float> logits(size);
  for (float& logit : logits) {
    logit = static_cast<float>(std::floor(random.Uniform() * 12)) * 0.5f - 3.0f;
    if (random.Uniform() < 0.1) logit = -kInf;
    if (random.Uniform() < 0.05) logit = kNaN;
  }
  logits[random.Bits() % size] = 2.0f;
  return logits;
}

Distribution Transformed(const std::vector<float>& logits, const SamplingParameters& parameters) {
  Distribution out;
  Transform(logits, parameters, out);
  return out;
}

using Tokens = std::vector<TokenId>;

TEST(ArgMax, TakesTheLowestIndexAmongEquals) {
  EXPECT_EQ(ArgMax(std::vector<float>{1, 3, 3, 2}), 1);
}

TEST(ArgMax, NeverTakesNaN) {
  EXPECT_EQ(ArgMax(std::vector<float>{kNaN, -5, kNaN, -4}), 3);
  EXPECT_EQ(ArgMax(std::vector<float>{kNaN, -kInf}), 1);
  EXPECT_EQ(ArgMax(std::vector<float>{kNaN, kNaN}), 0);
}

TEST(ArgMax, AgreesWithAPlainWalkAtEverySize) {
  RandomStream random(3);
  for (std::size_t size = 1; size < 1200; size += 1 + size / 9) {
    const std::vector<float> logits = RandomLogits(random, size);
    std::size_t best = 0;
    for (std::size_t i = 0; i < size; ++i) {
      if (logits[i] > logits[best] || std::isnan(logits[best])) best = i;
    }
    EXPECT_EQ(ArgMax(logits), static_cast<TokenId>(best)) << "size " << size;
  }
}

TEST(Softmax, ExponentialIsCloseToTheLibrarys) {
  for (float x = 0; x > -85.9f; x -= 0.0137f) {
    EXPECT_NEAR(ExpOfNegative(x) / std::exp(x), 1, 3e-7) << x;
  }
  EXPECT_EQ(ExpOfNegative(0.0f), 1.0f);
  EXPECT_EQ(ExpOfNegative(-90.0f), 0.0f);
  EXPECT_EQ(ExpOfNegative(-kInf), 0.0f);
  EXPECT_EQ(ExpOfNegative(kNaN), 0.0f);
}

TEST(Softmax, LogOfTheLargestIgnoresMaskedTokens) {
  EXPECT_NEAR(LogOfLargestProbability(std::vector<float>{7, 7, -kInf, kNaN}), std::log(0.5), 1e-6);
}

TEST(Softmax, SumsAVocabularyThatIsNoMultipleOfTheBlock) {
  const std::vector<float> logits(5003, 2.0f);
  EXPECT_NEAR(SumOfExp(logits, 2.0f, 1.0f), 5003, 1e-3);
}

TEST(Transform, TemperatureZeroIsOnePointOnTheArgMax) {
  const Distribution d = Transformed({1, 4, 4}, {.temperature = 0, .top_k = 2});
  EXPECT_EQ(d.tokens, Tokens{1});
  EXPECT_EQ(d.probabilities, std::vector<float>{1});
}

TEST(Transform, TemperatureSharpens) {
  const Distribution d = Transformed(LogsOf({0.2f, 0.8f}), {.temperature = 0.5});
  EXPECT_NEAR(d.ProbabilityOf(1), 0.64 / 0.68, 1e-6);
}

TEST(Transform, TinyTemperatureKeepsOnlyTheLargest) {
  const Distribution d = Transformed({1, 2, 2}, {.temperature = 1e-300});
  EXPECT_EQ(d.tokens, (Tokens{1, 2}));
}

TEST(Transform, MaskedTokensGetNoMass) {
  const Distribution d = Transformed({-kInf, 0, kNaN, 0}, {.temperature = 1});
  EXPECT_EQ(d.tokens, (Tokens{1, 3}));
  EXPECT_EQ(d.ProbabilityOf(0), 0);
}

TEST(Transform, TopKKeepsTheLowerIdsAmongEquals) {
  const Distribution d = Transformed({0, 1, 0, 0}, {.temperature = 1, .top_k = 2});
  EXPECT_EQ(d.tokens, (Tokens{0, 1}));
}

TEST(Transform, TopPIsTheSmallestSetThatReachesTheMass) {
  const std::vector<float> logits = LogsOf({0.15f, 0.5f, 0.05f, 0.3f});
  EXPECT_EQ(Transformed(logits, {.temperature = 1, .top_p = 0.79}).tokens, (Tokens{1, 3}));
  EXPECT_EQ(Transformed(logits, {.temperature = 1, .top_p = 0.81}).tokens, (Tokens{0, 1, 3}));
  EXPECT_EQ(Transformed(logits, {.temperature = 1, .top_p = 0.01}).tokens, (Tokens{1}));
}

TEST(Transform, TopPActsOnWhatTopKLeft) {
  const std::vector<float> logits = LogsOf({0.4f, 0.3f, 0.3f});
  // Of two tokens the first has 4/7 = 0.571 of the mass.
  EXPECT_EQ(Transformed(logits, {.temperature = 1, .top_k = 2, .top_p = 0.56}).tokens.size(), 1u);
  EXPECT_EQ(Transformed(logits, {.temperature = 1, .top_p = 0.56}).tokens.size(), 2u);
}

TEST(Transform, MinPIsRelativeToTheLikeliest) {
  const std::vector<float> logits = LogsOf({0.5f, 0.3f, 0.15f, 0.05f});
  EXPECT_EQ(Transformed(logits, {.temperature = 1, .min_p = 0.25}).tokens, (Tokens{0, 1, 2}));
  EXPECT_EQ(Transformed(logits, {.temperature = 1, .min_p = 1}).tokens, (Tokens{0}));
}

TEST(Transform, WithoutAFiniteLogitIsOnePoint) {
  EXPECT_EQ(Transformed({-kInf, -kInf}, {.temperature = 1}).tokens.size(), 1u);
  EXPECT_EQ(Transformed({kNaN, kNaN}, {.temperature = 1, .top_p = 0.5}).tokens.size(), 1u);
}

// The definition, by a full sort.
Distribution Reference(const std::vector<float>& logits, const SamplingParameters& parameters) {
  const float max = logits[static_cast<std::size_t>(ArgMax(logits))];
  std::vector<TokenId> order;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (logits[i] > -kInf) order.push_back(static_cast<TokenId>(i));
  }
  const auto logit = [&](TokenId t) { return logits[static_cast<std::size_t>(t)]; };
  std::stable_sort(order.begin(), order.end(),
                   [&](TokenId a, TokenId b) { return logit(a) > logit(b); });
  if (parameters.top_k > 0) {
    order.resize(std::min(order.size(), static_cast<std::size_t>(parameters.top_k)));
  }
  const auto weight = [&](TokenId t) {
    return std::exp((static_cast<double>(logit(t)) - max) / parameters.temperature);
  };
  double total = 0;
  for (const TokenId t : order) total += weight(t);
  double mass = 0;
  std::size_t kept = 0;
  while (kept < order.size() && (mass < parameters.top_p * total || parameters.top_p >= 1) &&
         weight(order[kept]) >= parameters.min_p) {
    mass += weight(order[kept++]);
  }
  order.resize(kept);
  std::sort(order.begin(), order.end());
  Distribution out;
  for (const TokenId t : order) {
    out.tokens.push_back(t);
    out.probabilities.push_back(static_cast<float>(weight(t) / mass));
  }
  return out;
}

TEST(Transform, AgreesWithAFullSortOnRandomLogits) {
  RandomStream random(11);
  Distribution d;  // reused, as the engine does
  for (int round = 0; round < 3000; ++round) {
    const std::vector<float> logits = RandomLogits(random, 1 + random.Bits() % 300);
    SamplingParameters parameters{.temperature = 0.3 + 2 * random.Uniform()};
    if (random.Uniform() < 0.5) parameters.top_k = static_cast<int>(random.Bits() % 60);
    if (random.Uniform() < 0.5) parameters.top_p = 0.05 + 0.9 * random.Uniform();
    if (random.Uniform() < 0.5) parameters.min_p = random.Uniform() * 0.5;
    Transform(logits, parameters, d);
    const Distribution expected = Reference(logits, parameters);
    ASSERT_EQ(d.tokens, expected.tokens) << "round " << round;
    for (std::size_t i = 0; i < d.tokens.size(); ++i) {
      ASSERT_NEAR(d.probabilities[i], expected.probabilities[i], 1e-6);
    }
  }
}

TEST(Transform, ALargeNucleusComesOutByRisingIdToo) {
  std::vector<float> logits(4096);
  for (std::size_t i = 0; i < logits.size(); ++i) {
    logits[i] = static_cast<float>(UniformAt(5, i)) * 0.5f;
  }
  const Distribution d = Transformed(logits, {.temperature = 1, .top_p = 0.9});
  EXPECT_EQ(d.tokens, Reference(logits, {.temperature = 1, .top_p = 0.9}).tokens);
  EXPECT_NEAR(std::accumulate(d.probabilities.begin(), d.probabilities.end(), 0.0), 1, 1e-5);
}

TEST(Draw, TakesTheTokenAtTheCumulativeMass) {
  const Distribution d{.tokens = {2, 5, 9}, .probabilities = {0.25f, 0.5f, 0.25f}};
  EXPECT_EQ(Draw(d, 0.0), 2);
  EXPECT_EQ(Draw(d, 0.25), 5);
  EXPECT_EQ(Draw(d, 0.7499), 5);
  EXPECT_EQ(Draw(d, 0.75), 9);
}

TEST(Draw, LostMassFallsToTheLastToken) {
  const Distribution d{.tokens = {2, 5}, .probabilities = {0.4f, 0.4f}};
  EXPECT_EQ(Draw(d, 0.999), 5);
}

}  // namespace
}  // namespace turbospec
