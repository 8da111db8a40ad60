#include "model/fake_model.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/random.h"
#include "model/row_contract.h"

namespace turbospec {
namespace {

std::uint64_t HashTail(std::span<const TokenId> context, int order, std::uint64_t seed) {
  const std::size_t n = std::min(context.size(), static_cast<std::size_t>(order));
  std::uint64_t hash = MixBits(seed);
  for (const TokenId token : context.last(n)) {
    hash = MixBits(hash ^ static_cast<std::uint64_t>(token));
  }
  return hash;
}

}  // namespace

FakeModel::FakeModel(const FakeModelOptions& options, LogitsFn logits)
    : logits_fn_(std::move(logits)), slots_(static_cast<std::size_t>(options.slots)) {
  info_.name = options.name;
  info_.vocabulary_size = options.vocabulary_size;
  info_.slots = options.slots;
  info_.context_per_slot = options.context_per_slot;
  info_.max_rows_per_forward = options.max_rows_per_forward;
  info_.max_logits_per_forward = options.max_logits_per_forward > 0 ? options.max_logits_per_forward
                                                                    : options.max_rows_per_forward;
  info_.batch_rule = options.batch_rule;
  info_.can_truncate = options.can_truncate;
}

Status FakeModel::Forward(std::span<const Row> rows) {
  if (Status checked = CheckRows(*this, rows); !checked.ok()) return checked;
  ++forward_calls_;
  const auto width = static_cast<std::size_t>(info_.vocabulary_size);
  logits_offset_.assign(rows.size(), -1);
  logits_.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto& tokens = slots_[static_cast<std::size_t>(rows[i].slot)];
    tokens.push_back(rows[i].token);
    if (!rows[i].wants_logits) continue;
    logits_offset_[i] = static_cast<int>(logits_.size());
    logits_.resize(logits_.size() + width);
    logits_fn_(tokens, std::span(logits_).last(width));
  }
  return Ok();
}

std::span<const float> FakeModel::Logits(int row) const {
  const int offset = logits_offset_.at(static_cast<std::size_t>(row));
  if (offset < 0) return {};
  return std::span(logits_).subspan(static_cast<std::size_t>(offset),
                                    static_cast<std::size_t>(info_.vocabulary_size));
}

int FakeModel::Length(SlotId slot) const {
  return static_cast<int>(Tokens(slot).size());
}

const std::vector<TokenId>& FakeModel::Tokens(SlotId slot) const {
  return slots_.at(static_cast<std::size_t>(slot));
}

Status FakeModel::Truncate(SlotId slot, int length) {
  auto& tokens = slots_.at(static_cast<std::size_t>(slot));
  if (length >= static_cast<int>(tokens.size())) return Ok();
  if (length > 0 && !info_.can_truncate) return Unsupported("fake model: cannot truncate");
  tokens.resize(static_cast<std::size_t>(length));
  return Ok();
}

std::vector<Pass> FakeModel::Passes(std::span<const int> rows_by_slot) const {
  return SplitIntoPasses(info_.batch_rule, rows_by_slot, info_.max_rows_per_forward);
}

LogitsFn HashedLanguage(std::uint64_t seed, int order, double sharpness) {
  return [=](std::span<const TokenId> context, std::span<float> logits) {
    const std::uint64_t hash = HashTail(context, order, seed);
    for (std::size_t t = 0; t < logits.size(); ++t) {
      logits[t] = static_cast<float>(sharpness * UniformAt(hash, t));
    }
  };
}

LogitsFn Imitation(LogitsFn target, double agreement, std::uint64_t seed) {
  return [target = std::move(target), other = HashedLanguage(seed, 2), agreement, seed](
             std::span<const TokenId> context, std::span<float> logits) {
    const bool agrees = UniformAt(seed, HashTail(context, 3, seed)) < agreement;
    (agrees ? target : other)(context, logits);
  };
}

}  // namespace turbospec
