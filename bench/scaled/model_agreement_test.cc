// The check itself is checked: it must find what differs, and nothing else.
#include "bench/scaled/model_agreement.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>

#include "model/fake_model.h"
#include "model/fake_tokenizer.h"
#include "sampling/distribution.h"

namespace turbospec {
namespace {

constexpr int kVocabulary = 26;

class ModelAgreement : public ::testing::Test {
 protected:
  static LogitsFn Language() { return HashedLanguage(5, 3); }

  // The language, with `change` applied where the context has `length` tokens.
  static LogitsFn ChangedAt(std::size_t length, std::function<void(std::span<float>)> change) {
    return [language = Language(), length, change = std::move(change)](
               std::span<const TokenId> context, std::span<float> logits) {
      language(context, logits);
      if (context.size() == length) change(logits);
    };
  }

  // Lifts the second likeliest token above the likeliest by `lead`.
  static void Swap(std::span<float> logits, float lead) {
    const auto first = static_cast<std::size_t>(ArgMax(logits));
    const float top = logits[first];
    logits[first] = -std::numeric_limits<float>::infinity();
    const auto second = static_cast<std::size_t>(ArgMax(logits));
    logits[first] = top;
    logits[second] = top + lead;
  }

  static std::unique_ptr<FakeModel> ModelOf(LogitsFn language, int slots = 2, int context = 64) {
    return std::make_unique<FakeModel>(
        FakeModelOptions{
            .vocabulary_size = kVocabulary, .slots = slots, .context_per_slot = context},
        std::move(language));
  }

  Result<Agreement> Compare(LogitsFn candidate, int tokens = 8) {
    const auto reference_model = ModelOf(Language());
    const auto candidate_model = ModelOf(std::move(candidate));
    return CompareGreedy(*reference_model, *candidate_model, tokenizer_, prompts_, tokens);
  }

  FakeTokenizer tokenizer_ = FakeTokenizer::Letters(kVocabulary);
  // More prompts than slots: two waves.
  std::vector<AgreementPrompt> prompts_ = {
      {"short", {1, 2}}, {"long", {3, 4, 5, 6}}, {"third", {7, 8, 9}}};
};

TEST_F(ModelAgreement, FindsNothingBetweenAModelAndItself) {
  const auto agreement = Compare(Language());
  ASSERT_TRUE(agreement.ok()) << agreement.error().message;
  EXPECT_EQ(agreement->prompts, 3);
  EXPECT_EQ(agreement->prompts_alike, 3);
  EXPECT_EQ(agreement->tokens_compared, 24);
  EXPECT_TRUE(agreement->divergences.empty());
  EXPECT_EQ(agreement->largest_logit_difference, 0);
  EXPECT_GT(agreement->largest_logit_span, 0);
}

// Contexts of 5 tokens: "short" is there at its fourth token, "long" at its second, "third" at its
// third. What follows is compared on the reference's text and is alike again.
TEST_F(ModelAgreement, TellsPlaceAndGapAndGoesOnBehindADifference) {
  const auto agreement = Compare(ChangedAt(5, [](auto logits) { Swap(logits, 0.5F); }));
  ASSERT_TRUE(agreement.ok());
  EXPECT_EQ(agreement->prompts_alike, 0);
  EXPECT_EQ(agreement->tokens_compared, 24);
  ASSERT_EQ(agreement->divergences.size(), 3u);
  EXPECT_EQ(agreement->divergences[0].prompt, "long");
  EXPECT_EQ(agreement->divergences[0].position, 1);
  EXPECT_EQ(agreement->divergences[1].prompt, "short");
  EXPECT_EQ(agreement->divergences[1].position, 3);
  EXPECT_EQ(agreement->divergences[2].position, 2);
  for (const Divergence& divergence : agreement->divergences) {
    EXPECT_NE(divergence.reference_token, divergence.candidate_token);
    EXPECT_NEAR(divergence.candidate_gap, 0.5F, 1e-5);
    EXPECT_GT(divergence.reference_gap, 0);
    EXPECT_FALSE(divergence.IsNearTie(0.4F));
  }
}

TEST_F(ModelAgreement, ADifferenceThatChangesNoTokenIsMeasuredAndIsNoDivergence) {
  const auto agreement = Compare(ChangedAt(5, [](auto logits) {
    for (float& logit : logits) logit += 0.25F;
  }));
  ASSERT_TRUE(agreement.ok());
  EXPECT_EQ(agreement->prompts_alike, 3);
  EXPECT_NEAR(agreement->largest_logit_difference, 0.25F, 1e-5);
}

TEST_F(ModelAgreement, LogitsThatAreNoNumbersNeverPassForATie) {
  const auto agreement = Compare(ChangedAt(5, [](auto logits) {
    for (float& logit : logits) logit = std::numeric_limits<float>::quiet_NaN();
  }));
  ASSERT_TRUE(agreement.ok());
  EXPECT_EQ(agreement->largest_logit_difference, std::numeric_limits<float>::infinity());
  for (const Divergence& divergence : agreement->divergences) {
    EXPECT_FALSE(divergence.IsNearTie(1000));
  }
}

TEST(Divergence, IsANearTieOnlyWhenBothModelsHesitate) {
  EXPECT_TRUE(
      (Divergence{.prompt = "", .reference_gap = 0.1F, .candidate_gap = 0.05F}.IsNearTie(0.1F)));
  EXPECT_FALSE(
      (Divergence{.prompt = "", .reference_gap = 0.2F, .candidate_gap = 0.05F}.IsNearTie(0.1F)));
  EXPECT_FALSE(
      (Divergence{.prompt = "", .reference_gap = 0.05F, .candidate_gap = 0.2F}.IsNearTie(0.1F)));
}

TEST_F(ModelAgreement, EndsATextWhereTheReferenceEndsIt) {
  const auto reference = ModelOf(Language());
  const auto probe = ModelOf(Language());
  prompts_ = {{"one", {1, 2}}};
  const std::vector<Row> rows = {{0, 0, 1, false}, {0, 1, 2, true}};
  ASSERT_TRUE(probe->Forward(rows).ok());
  const auto ending = FakeTokenizer::Letters(kVocabulary, ArgMax(probe->Logits(1)));
  const auto candidate = ModelOf(Language());
  const auto agreement = CompareGreedy(*reference, *candidate, ending, prompts_, 8);
  ASSERT_TRUE(agreement.ok());
  EXPECT_EQ(agreement->tokens_compared, 1);
}

TEST_F(ModelAgreement, StopsWhereTheContextIsFull) {
  const auto reference = ModelOf(Language(), 2, 6);
  const auto candidate = ModelOf(Language(), 2, 6);
  prompts_ = {{"one", {1, 2, 3}}};
  const auto agreement = CompareGreedy(*reference, *candidate, tokenizer_, prompts_, 8);
  ASSERT_TRUE(agreement.ok()) << agreement.error().message;
  EXPECT_EQ(agreement->tokens_compared, 4);  // after 3, 4, 5 and 6 tokens
}

TEST_F(ModelAgreement, RefusesWhatDoesNotFit) {
  const auto reference = ModelOf(Language());
  const FakeModelOptions other_vocabulary{.vocabulary_size = 30};
  FakeModel other(other_vocabulary, Language());
  EXPECT_FALSE(CompareGreedy(*reference, other, tokenizer_, prompts_, 8).ok());
  prompts_ = {{"empty", {}}};
  const auto empty = Compare(Language());
  ASSERT_FALSE(empty.ok());
  EXPECT_NE(empty.error().message.find("prompt empty has 0 tokens"), std::string::npos);
  prompts_ = {{"huge", std::vector<TokenId>(65, 1)}};
  EXPECT_FALSE(Compare(Language()).ok());
}

}  // namespace
}  // namespace turbospec
