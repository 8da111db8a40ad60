// For tests: a draft proposer on a fake model that can be told to fail, a small language to write
// steps in, and what the model alone would say.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "model/fake_model.h"
#include "model/faulty_model.h"
#include "proposers/draft_proposer.h"

namespace turbospec {

using Tokens = std::vector<TokenId>;

class DraftProposerTest : public testing::Test {
 protected:
  static constexpr int kMostSlots = 8;

  void Build() {
    auto fake = std::make_unique<FakeModel>(model_options, [this](auto context, auto logits) {
      clock.Advance(Seconds(0.5));
      language(context, logits);
    });
    model = fake.get();
    auto faulty = std::make_unique<FaultyModel>(std::move(fake),
                                                [this](int, std::span<const Row>) { return fail; });
    proposer = std::make_unique<DraftProposer>(std::move(faulty), options, clock);
  }

  void Start(SlotId slot, Tokens prompt) {
    proposer->Start(slot, prompt);
    committed[static_cast<std::size_t>(slot)] = std::move(prompt);
    proposals[static_cast<std::size_t>(slot)].Clear();
  }

  // Adds a task; its proposal starts with `lookup`.
  ProposalTask& Task(SlotId slot, int limit, Tokens lookup = {}) {
    const auto i = static_cast<std::size_t>(slot);
    proposals[i].Clear();
    for (const TokenId token : lookup) {
      proposals[i].tokens.push_back(token);
      proposals[i].evidence.push_back({.proposer = ProposerKind::kPromptLookup});
      proposals[i].q.emplace_back();
    }
    tasks.push_back(
        {.slot = slot, .tokens = committed[i], .limit = limit, .proposal = &proposals[i]});
    return tasks.back();
  }

  Status Propose(const KeepDraftingFn& keep = nullptr) {
    passes.clear();
    Status status = proposer->Propose(tasks, catch_up_rows, keep, passes);
    tasks.clear();
    return status;
  }

  // The step's verdict: `accepted` of the proposal and then `bonus`.
  void Commit(SlotId slot, int accepted, TokenId bonus) {
    const auto i = static_cast<std::size_t>(slot);
    const auto& tokens = proposals[i].tokens;
    committed[i].insert(committed[i].end(), tokens.begin(), tokens.begin() + accepted);
    committed[i].push_back(bonus);
    proposer->Commit(slot, committed[i]);
    const Tokens& kv = model->Tokens(slot);
    ASSERT_LT(kv.size(), committed[i].size());
    ASSERT_TRUE(std::equal(kv.begin(), kv.end(), committed[i].begin()));
    ASSERT_EQ(Lag(slot), static_cast<int>(committed[i].size() - kv.size()));
  }

  int Lag(SlotId slot) const {
    return proposer->Lag(slot, static_cast<int>(committed[static_cast<std::size_t>(slot)].size()));
  }

  const Tokens& Proposed(SlotId slot) const {
    return proposals[static_cast<std::size_t>(slot)].tokens;
  }

  // The greedy continuation, `prefix` first, up to `length` tokens in all.
  Tokens Naive(SlotId slot, int length, Tokens prefix = {}) const {
    Tokens context = committed[static_cast<std::size_t>(slot)];
    context.insert(context.end(), prefix.begin(), prefix.end());
    while (static_cast<int>(prefix.size()) < length) {
      const TokenId token = ArgMax(LogitsAfter(context));
      prefix.push_back(token);
      context.push_back(token);
    }
    return prefix;
  }

  std::vector<float> LogitsAfter(const Tokens& context) const {
    std::vector<float> logits(static_cast<std::size_t>(model_options.vocabulary_size));
    language(context, logits);
    return logits;
  }

  int RowsFed() const {
    int rows = 0;
    for (const PassTiming& pass : passes) rows += pass.rows;
    return rows;
  }

  ManualClock clock;
  FakeModelOptions model_options{.slots = kMostSlots};
  DraftProposerOptions options;
  LogitsFn language = HashedLanguage(9, 3);
  bool fail = false;

  FakeModel* model = nullptr;
  std::unique_ptr<DraftProposer> proposer;
  std::array<Tokens, kMostSlots> committed;
  std::array<Proposal, kMostSlots> proposals;
  std::vector<ProposalTask> tasks;
  int catch_up_rows = 0;  // as the plan allows
  std::vector<PassTiming> passes;
};

}  // namespace turbospec
