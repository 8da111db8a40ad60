// Sampled output through the whole engine, draft deliberately wrong and trimming on: the joint
// distribution of four tokens must be the target's.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "control/controller_factory.h"
#include "control/told_inputs_fixture.h"
#include "core/random.h"
#include "engine/scripted_run.h"

namespace turbospec {
namespace {

constexpr int kVocabulary = 5;
constexpr int kLength = 4;
constexpr int kSamples = 120000;
constexpr int kBatch = 2000;  // requests per engine run

Script Sampling(AcceptanceRule rule, double temperature, double top_p, std::uint64_t seed) {
  Script script;
  script.seed = 77;  // of the language: the same in all batches
  script.model = {.vocabulary_size = kVocabulary, .slots = 8, .context_per_slot = 16};
  script.language_order = 2;
  script.agreement = 0.6;
  RandomStream seeds(seed);
  for (int i = 0; i < kBatch; ++i) {
    ScriptedRequest request;
    request.prompt = {2};
    request.rule = rule;
    request.max_tokens = kLength;
    request.sampling.temperature = temperature;
    request.sampling.top_p = top_p;
    request.sampling.seed = seeds.Bits();
    request.arrives_at = i / 8;
    script.requests.push_back(request);
  }
  return script;
}

std::map<std::string, double> ExactDistribution(const Script& script) {
  std::map<std::string, double> exact;
  const LogitsFn language = TargetLanguage(script);
  const Sampler sampler(script.requests[0].sampling, nullptr, {});
  const FakeTokenizer tokenizer = FakeTokenizer::Letters(kVocabulary);
  const auto extend = [&](auto& self, std::vector<TokenId> tokens, std::string text,
                          double mass) -> void {
    if (text.size() == kLength) {
      exact[text] += mass;
      return;
    }
    std::vector<float> logits(kVocabulary);
    language(tokens, logits);
    Distribution p;
    sampler.TargetDistribution(logits, p);
    for (std::size_t i = 0; i < p.tokens.size(); ++i) {
      auto longer = tokens;
      longer.push_back(p.tokens[i]);
      self(self, longer, text + std::string(tokenizer.Piece(p.tokens[i])),
           mass * p.probabilities[i]);
    }
  };
  extend(extend, script.requests[0].prompt, "", 1.0);
  return exact;
}

// How many standard deviations Pearson's statistic lies above its mean (Wilson and Hilferty's cube
// root makes it close to normal). Cells that expect under 5 are pooled.
double ChiSquareDeviation(const std::map<std::string, double>& exact,
                          std::map<std::string, int>& observed, int samples) {
  double statistic = 0;
  int cells = 0;
  double pooled_expected = 0;
  double pooled_observed = 0;
  for (const auto& [text, probability] : exact) {
    const double expected = probability * samples;
    if (expected < 5) {
      pooled_expected += expected;
      pooled_observed += observed[text];
      continue;
    }
    statistic += (observed[text] - expected) * (observed[text] - expected) / expected;
    ++cells;
  }
  if (pooled_expected >= 5) {
    statistic += std::pow(pooled_observed - pooled_expected, 2) / pooled_expected;
    ++cells;
  }
  const double freedom = cells - 1;
  return (std::cbrt(statistic / freedom) - (1 - 2 / (9 * freedom))) / std::sqrt(2 / (9 * freedom));
}

class SampledOutput : public ::testing::TestWithParam<std::tuple<double, double>> {
 protected:
  using Maker = std::function<std::unique_ptr<Controller>(std::uint64_t seed)>;

  double Deviation(AcceptanceRule rule, const Maker& make = Erratic) {
    const auto [temperature, top_p] = GetParam();
    std::map<std::string, int> observed;
    std::map<std::string, double> exact;
    for (int batch = 0; batch < kSamples / kBatch; ++batch) {
      const auto seed = static_cast<std::uint64_t>(batch);
      const Script script = Sampling(rule, temperature, top_p, seed);
      if (exact.empty()) exact = ExactDistribution(script);
      const RunResult result =
          RunScript(script, {.controller = [&] { return make(seed); }, .engine_seed = seed});
      EXPECT_EQ(result.refused, "");
      proposed_ += result.statistics.acceptance[1].proposed;
      verified_ += result.statistics.acceptance[1].verified;
      accepted_ += result.statistics.acceptance[1].accepted;
      for (const Received& received : result.received) ++observed[received.text];
    }
    for (const auto& [text, count] : observed) EXPECT_TRUE(exact.contains(text)) << text;
    return ChiSquareDeviation(exact, observed, kSamples);
  }
  static std::unique_ptr<Controller> Erratic(std::uint64_t seed) {
    return MakeErraticController(seed, 4);
  }
  // Ten rows are cheap, more are out of the question: the surest tokens of eight requests are
  // verified, the others trimmed, by what their drafts look like.
  static std::unique_ptr<Controller> Trimming(std::uint64_t /*seed*/) {
    return *MakeController(
        "budget:3",
        {.target_pass = [](int, int rows, double) { return Seconds(rows <= 10 ? 0.01 : 1); },
         .draft_pass = [](int, int, double) { return Seconds(0.001); }});
  }
  // Drafts are cheap and rows are not: lengths differ by request and step.
  static std::unique_ptr<Controller> Goodput(std::uint64_t /*seed*/) {
    return *MakeController("auto", ToldInputs([](int rows) { return 0.01 + 0.0005 * rows; },
                                              [](int) { return 0.0001; }, /*slots=*/8));
  }
  std::int64_t proposed_ = 0;
  std::int64_t verified_ = 0;
  std::int64_t accepted_ = 0;
};

// 4.5 standard deviations: a chance of 3 in a million, and the seeds are fixed.
TEST_P(SampledOutput, FollowsTheTargetUnderRejection) {
  EXPECT_LT(Deviation(AcceptanceRule::kRejection), 4.5);
  EXPECT_GT(accepted_, kSamples / 50);
}

TEST_P(SampledOutput, FollowsTheTargetUnderMatch) {
  EXPECT_LT(Deviation(AcceptanceRule::kMatch), 4.5);
  EXPECT_GT(accepted_, kSamples / 50);
}

TEST_P(SampledOutput, FollowsTheTargetWhenABudgetTrims) {
  EXPECT_LT(Deviation(AcceptanceRule::kRejection, Trimming), 4.5);
  EXPECT_LT(verified_, 0.8 * static_cast<double>(proposed_));
  EXPECT_GT(accepted_, kSamples / 50);
}

TEST_P(SampledOutput, FollowsTheTargetUnderAuto) {
  EXPECT_LT(Deviation(AcceptanceRule::kRejection, Goodput), 4.5);
  EXPECT_LT(Deviation(AcceptanceRule::kMatch, Goodput), 4.5);
  EXPECT_GT(accepted_, kSamples / 50);
}

INSTANTIATE_TEST_SUITE_P(TemperatureAndTopP, SampledOutput,
                         ::testing::Combine(::testing::Values(0.6, 1.0, 1.8),
                                            ::testing::Values(1.0, 0.8)));

}  // namespace
}  // namespace turbospec
