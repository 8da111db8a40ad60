// Which KV slot a new request gets. Knows what every idle slot still holds, so that a prompt can
// continue from the longest prefix already computed. Engine thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "turbospec/types.h"

namespace turbospec {

class SlotTable {
 public:
  // reuse_at_least: tokens a cached prefix must save before its slot is preferred to the lowest.
  SlotTable(int slots, int reuse_at_least);

  struct Choice {
    SlotId slot = 0;
    int reused = 0;  // leading tokens of the prompt that the slot's KV holds
  };

  // The idle slot with the longest common prefix if that saves enough, else the lowest idle slot:
  // neighbouring slots share a pass. At least one prompt token is always left to compute.
  // Nothing when all slots are busy.
  std::optional<Choice> Choose(std::span<const TokenId> prompt) const;

  void Occupy(SlotId slot);
  // `held` = the tokens that the slot's KV keeps.
  void Release(SlotId slot, std::vector<TokenId> held);

  int idle() const { return idle_; }

 private:
  struct Slot {
    bool busy = false;
    std::vector<TokenId> held;
  };

  std::vector<Slot> slots_;
  int reuse_at_least_;
  int idle_;
};

}  // namespace turbospec
