#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "core/random.h"
#include "proposers/draft_proposer_fixture.h"
#include "sampling/chi_square.h"
#include "sampling/rejection.h"

namespace turbospec {
namespace {

// Random lives of requests: starts that share prefixes, lookups, limits, early stops, ragged
// commits, faults. Whatever happened, a proposal is what the model alone would have said.
class RandomLives : public DraftProposerTest, public testing::WithParamInterface<int> {
 protected:
  int Below(int n) { return static_cast<int>(random.Bits() % static_cast<std::uint64_t>(n)); }
  bool Chance(double p) { return random.Uniform() < p; }

  Tokens SomeTokens(int length, int alphabet) {
    Tokens tokens;
    for (int i = 0; i < length; ++i) tokens.push_back(Below(alphabet));
    return tokens;
  }

  void OneStep() {
    std::vector<std::pair<SlotId, Tokens>> lookups;
    for (SlotId slot = 0; slot < kMostSlots; ++slot) {
      if (committed[static_cast<std::size_t>(slot)].size() > 60 || Chance(0.05)) {
        Start(slot, SomeTokens(1 + Below(20), 2));
      }
      if (Chance(0.3)) continue;
      lookups.emplace_back(slot, SomeTokens(Chance(0.2) ? Below(4) : 0, 32));
      Task(slot, Below(6), lookups.back().second);
    }
    const bool faults = Chance(0.1);
    const Status status = Propose([&](int depth, std::span<char> keep) {
      for (char& k : keep) k = Chance(0.2) ? 0 : k;
      fail = faults && depth == 2;
    });
    fail = false;
    EXPECT_TRUE(status.ok() || faults);
    failures += status.ok() ? 0 : 1;
    for (const auto& [slot, lookup] : lookups) {
      const int length = proposals[static_cast<std::size_t>(slot)].length();
      ASSERT_EQ(Proposed(slot), Naive(slot, length, lookup));
      drafted += length - static_cast<int>(lookup.size());
      if (Chance(0.9)) Commit(slot, length > 0 ? Below(length + 1) : 0, Below(32));
    }
  }

  RandomStream random{static_cast<std::uint64_t>(GetParam())};
  int drafted = 0;
  int failures = 0;
};

TEST_P(RandomLives, NeverChangeWhatIsProposed) {
  model_options.batch_rule = GetParam() % 2 == 0 ? BatchRule::kEqualLength : BatchRule::kOnePass;
  model_options.context_per_slot = 64;
  model_options.max_rows_per_forward = GetParam() % 3 == 0 ? 7 : 512;
  options.catch_up_rows = 10 + Below(40);
  Build();
  for (SlotId slot = 0; slot < kMostSlots; ++slot) Start(slot, SomeTokens(1 + Below(20), 2));
  for (int step = 0; step < 200; ++step) ASSERT_NO_FATAL_FAILURE(OneStep()) << "step " << step;
  EXPECT_GT(drafted, 1000);
  EXPECT_GT(failures, 5);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomLives, testing::Range(0, 8));

// Drafting by the proposer, stopping by its evidence, verifying by rejection: two tokens follow the
// target's joint distribution.
TEST_F(DraftProposerTest, SampledDraftsStoppedByEvidenceKeepTheTargetsDistribution) {
  constexpr int kVocabulary = 5;
  constexpr int kChains = 40'000;
  model_options.vocabulary_size = kVocabulary;
  language = HashedLanguage(3, 2, 3.0);
  Build();
  const LogitsFn target = Imitation(language, 0.3, 8);
  const SamplingParameters sampling{.temperature = 0.8, .top_p = 0.95};
  const auto p_after = [&](const Tokens& context) {
    std::vector<float> logits(kVocabulary);
    target(context, logits);
    Distribution p;
    Transform(logits, sampling, p);
    return p;
  };
  const Tokens prompt = {1, 2};
  RandomStream random(12);
  std::vector<long> counts(kVocabulary * kVocabulary);
  int stopped = 0;
  for (int chain = 0; chain < kChains; ++chain) {
    Start(0, prompt);
    while (committed[0].size() < prompt.size() + 2) {
      ProposalTask& task = Task(0, 3);
      task.sampling = &sampling;
      task.random = &random;
      ASSERT_TRUE(Propose([&](int, std::span<char> keep) {
                    keep[0] = proposals[0].evidence.back().confidence > -1.0f ? 1 : 0;
                  }).ok());
      stopped += Proposed(0).size() < 3 ? 1 : 0;
      Tokens context = committed[0];
      bool accepted = true;
      for (std::size_t j = 0; j < Proposed(0).size() && accepted; ++j) {
        const Verdict verdict =
            VerifyByRejection(p_after(context), proposals[0].q[j], Proposed(0)[j], random.Uniform(),
                              random.Uniform());
        accepted = verdict.accepted;
        context.push_back(verdict.token);
      }
      if (accepted) context.push_back(Draw(p_after(context), random.Uniform()));
      committed[0] = context;
      proposer->Commit(0, committed[0]);
    }
    ++counts[static_cast<std::size_t>(committed[0][2] * kVocabulary + committed[0][3])];
  }
  std::vector<double> exact;
  for (TokenId a = 0; a < kVocabulary; ++a) {
    for (TokenId b = 0; b < kVocabulary; ++b) {
      exact.push_back(double{p_after(prompt).ProbabilityOf(a)} *
                      p_after({1, 2, a}).ProbabilityOf(b));
    }
  }
  EXPECT_GT(ChiSquarePValue(counts, exact), 1e-4);
  EXPECT_GT(stopped, kChains / 10);
}

}  // namespace
}  // namespace turbospec
