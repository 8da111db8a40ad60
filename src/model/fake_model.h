// A Model without weights: logits are a function of the tokens in the slot. For tests of everything
// above the port. Checks every rule of the port that a real adapter would only crash on, and fails
// the call with the rule's name.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "model/model.h"

namespace turbospec {

// Writes vocabulary_size logits for the token that follows `context` (never empty).
using LogitsFn = std::function<void(std::span<const TokenId> context, std::span<float> logits)>;

struct FakeModelOptions {
  std::string name = "fake";
  int vocabulary_size = 32;
  int slots = 4;
  int context_per_slot = 512;
  int max_rows_per_forward = 512;
  int max_logits_per_forward = 0;  // 0 = max_rows_per_forward
  BatchRule batch_rule = BatchRule::kEqualLength;
  bool can_truncate = true;
};

class FakeModel final : public Model {
 public:
  FakeModel(const FakeModelOptions& options, LogitsFn logits);

  const ModelInfo& info() const override { return info_; }
  Status Forward(std::span<const Row> rows) override;
  std::span<const float> Logits(int row) const override;
  int Length(SlotId slot) const override;
  Status Truncate(SlotId slot, int length) override;
  std::vector<Pass> Passes(std::span<const int> rows_by_slot) const override;

  // What the slot's KV holds.
  const std::vector<TokenId>& Tokens(SlotId slot) const;
  int forward_calls() const { return forward_calls_; }

 private:
  ModelInfo info_;
  LogitsFn logits_fn_;
  std::vector<std::vector<TokenId>> slots_;
  std::vector<int> logits_offset_;  // by row; -1 = not wanted
  std::vector<float> logits_;
  int forward_calls_ = 0;
};

// A language in which every context has a definite next token: logits are noise in [0, 1) seeded by
// the last `order` tokens, times `sharpness`. The same seed and order give the same language.
LogitsFn HashedLanguage(std::uint64_t seed, int order, double sharpness = 4.0);

// Agrees with `target` on a share `agreement` of contexts; elsewhere it is another language.
LogitsFn Imitation(LogitsFn target, double agreement, std::uint64_t seed);

}  // namespace turbospec
