#include "engine/slot_table.h"

#include <algorithm>
#include <utility>

namespace turbospec {
namespace {

int CommonPrefix(std::span<const TokenId> a, std::span<const TokenId> b) {
  return static_cast<int>(std::ranges::mismatch(a, b).in1 - a.begin());
}

}  // namespace

SlotTable::SlotTable(int slots, int reuse_at_least)
    : slots_(static_cast<std::size_t>(slots)), reuse_at_least_(reuse_at_least), idle_(slots) {}

std::optional<SlotTable::Choice> SlotTable::Choose(std::span<const TokenId> prompt) const {
  const auto reusable = prompt.first(prompt.size() - 1);
  std::optional<Choice> lowest;
  Choice longest;
  for (std::size_t s = 0; s < slots_.size(); ++s) {
    if (slots_[s].busy) continue;
    const Choice choice{static_cast<SlotId>(s), CommonPrefix(slots_[s].held, reusable)};
    if (!lowest) lowest = choice;
    if (choice.reused > longest.reused) longest = choice;
  }
  if (!lowest || longest.reused - lowest->reused < reuse_at_least_) return lowest;
  return longest;
}

void SlotTable::Occupy(SlotId slot) {
  slots_[static_cast<std::size_t>(slot)].busy = true;
  slots_[static_cast<std::size_t>(slot)].held.clear();
  --idle_;
}

void SlotTable::Release(SlotId slot, std::vector<TokenId> held) {
  slots_[static_cast<std::size_t>(slot)] = {false, std::move(held)};
  ++idle_;
}

}  // namespace turbospec
