#include "sampling/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace turbospec {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

struct GrammarLog {
  int masks = 0;
  std::vector<TokenId> accepted;
};

// Allows a fixed set of tokens and writes down what it was asked.
class AllowList final : public Grammar {
 public:
  AllowList(std::set<TokenId> allowed, GrammarLog& log) : allowed_(std::move(allowed)), log_(log) {}

  void Mask(std::span<float> logits) override {
    ++log_.masks;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      if (!Allows(static_cast<TokenId>(i))) logits[i] = -kInf;
    }
  }
  bool Allows(TokenId token) override { return allowed_.contains(token); }
  void Accept(TokenId token) override { log_.accepted.push_back(token); }

 private:
  std::set<TokenId> allowed_;
  GrammarLog& log_;
};

class SamplerTest : public testing::Test {
 protected:
  Sampler Make(std::vector<TokenId> prompt = {}) { return Sampler(parameters, nullptr, prompt); }
  Sampler Allowing(std::set<TokenId> allowed) {
    return Sampler(parameters, std::make_unique<AllowList>(std::move(allowed), log), {});
  }

  SamplingParameters parameters;
  GrammarLog log;
};

TEST_F(SamplerTest, GreedyTakesTheArgMaxWhateverU) {
  Sampler sampler = Make();
  EXPECT_TRUE(sampler.plain());
  EXPECT_EQ(sampler.Sample(std::vector<float>{1, 3, 2}, 0.99), 1);
}

TEST_F(SamplerTest, SamplesByInverseTransform) {
  parameters.temperature = 1;
  Sampler sampler = Make();
  const std::vector<float> logits = {std::log(0.25f), std::log(0.75f)};
  EXPECT_EQ(sampler.Sample(logits, 0.24), 0);
  EXPECT_EQ(sampler.Sample(logits, 0.26), 1);
}

TEST_F(SamplerTest, TargetDistributionIsWhatSampleDrawsFrom) {
  parameters.temperature = 0.7;
  parameters.top_k = 3;
  Sampler sampler = Make();
  const std::vector<float> logits = {0.1f, 2, 1, 0.5f, 1.5f};
  Distribution d;
  sampler.TargetDistribution(logits, d);
  for (double u = 0.005; u < 1; u += 0.01) EXPECT_EQ(sampler.Sample(logits, u), Draw(d, u));
}

TEST_F(SamplerTest, BiasMovesAndBans) {
  parameters.logit_bias = {{1, -kInf}, {2, 5}};
  Sampler sampler = Make();
  EXPECT_FALSE(sampler.plain());
  EXPECT_EQ(sampler.Sample(std::vector<float>{1, 9, -3}, 0), 2);
}

TEST_F(SamplerTest, RepetitionDividesPositiveAndMultipliesNegativeLogits) {
  parameters.repetition_penalty = 2;
  Sampler sampler = Make({0, 1});
  EXPECT_EQ(sampler.Sample(std::vector<float>{3, 0, 1.6f}, 0), 2);     // 3 / 2 < 1.6
  EXPECT_EQ(sampler.Sample(std::vector<float>{3, 0, 1.4f}, 0), 0);     // 3 / 2 > 1.4
  EXPECT_EQ(sampler.Sample(std::vector<float>{-3, -1, -1.9f}, 0), 2);  // -1 * 2 < -1.9
}

TEST_F(SamplerTest, PresenceCountsOnceAndFrequencyPerOccurrence) {
  parameters.presence_penalty = 0.5;
  parameters.frequency_penalty = 1;
  Sampler sampler = Make({0, 0, 0, 1});
  // Token 0 loses 3.5, token 1 loses 1.5.
  EXPECT_EQ(sampler.Sample(std::vector<float>{3.2f, 1.1f, -1}, 0), 0);
  EXPECT_EQ(sampler.Sample(std::vector<float>{2.9f, 1.1f, -1}, 0), 1);
  EXPECT_EQ(sampler.Sample(std::vector<float>{2.9f, 1.1f, -0.3f}, 0), 2);
}

TEST_F(SamplerTest, PenaltiesForgetWhatLeftTheWindow) {
  parameters.presence_penalty = 2;
  parameters.penalty_window = 2;
  Sampler sampler = Make({0, 1, 2});
  const std::vector<float> logits = {1, 1.5f, 1.5f};
  EXPECT_EQ(sampler.Sample(logits, 0), 0);
  sampler.Accept(0);  // the window is {2, 0}
  EXPECT_EQ(sampler.Sample(logits, 0), 1);
  sampler.Accept(1);  // {0, 1}
  EXPECT_EQ(sampler.Sample(logits, 0), 2);
}

TEST_F(SamplerTest, AWindowOfZeroTurnsPenaltiesOff) {
  parameters.presence_penalty = 2;
  parameters.penalty_window = 0;
  Sampler sampler = Make({0});
  EXPECT_TRUE(sampler.plain());
  EXPECT_EQ(sampler.Sample(std::vector<float>{1, 0.5f}, 0), 0);
}

TEST_F(SamplerTest, GreedyMasksOnlyWhenTheArgMaxIsNotAllowed) {
  Sampler sampler = Allowing({0, 2});
  EXPECT_EQ(sampler.Sample(std::vector<float>{0, 1, 2}, 0), 2);
  EXPECT_EQ(log.masks, 0);
  EXPECT_EQ(sampler.Sample(std::vector<float>{0, 2, -1}, 0), 0);
  EXPECT_EQ(log.masks, 1);
}

TEST_F(SamplerTest, SampledDrawsStayWithinTheGrammar) {
  parameters.temperature = 1;
  Sampler sampler = Allowing({0, 2});
  for (double u = 0.005; u < 1; u += 0.01) {
    EXPECT_NE(sampler.Sample(std::vector<float>{0, 9, 0}, u), 1);
  }
}

TEST_F(SamplerTest, TheGrammarMovesWithAcceptedTokens) {
  Sampler sampler = Allowing({1, 2});
  sampler.Accept(2);
  sampler.Accept(1);
  EXPECT_EQ(log.accepted, (std::vector<TokenId>{2, 1}));
}

TEST_F(SamplerTest, ReportsADeadEndAndSurvivesIt) {
  parameters.logit_bias = {{2, -kInf}};
  Sampler sampler = Allowing({2});
  EXPECT_EQ(sampler.Sample(std::vector<float>{0, 1, 5}, 0), 2);  // the raw argmax
  EXPECT_TRUE(sampler.dead_end());
  sampler.Accept(0);
  EXPECT_TRUE(log.accepted.empty());
}

TEST_F(SamplerTest, LogprobsAreOfTheRawDistribution) {
  parameters.temperature = 0.1;
  parameters.logit_bias = {{0, 50}};
  parameters.logprobs = 2;
  Sampler sampler = Make();
  const std::vector<float> logits = {std::log(0.1f), std::log(0.7f), std::log(0.2f)};
  const SampledToken described = sampler.Describe(logits, 0);
  EXPECT_NEAR(described.logprob, std::log(0.1), 1e-6);
  ASSERT_EQ(described.top.size(), 2u);
  EXPECT_EQ(described.top[0].token, 1);
  EXPECT_NEAR(described.top[1].logprob, std::log(0.2), 1e-6);
}

TEST_F(SamplerTest, DescribesNothingUnlessAsked) {
  const SampledToken described = Make().Describe(std::vector<float>{0, 1}, 1);
  EXPECT_EQ(described.token, 1);
  EXPECT_TRUE(described.top.empty());
}

}  // namespace
}  // namespace turbospec
