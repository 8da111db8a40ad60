#include "model/row_contract.h"

#include <string>

namespace turbospec {

Status CheckRows(const Model& model, std::span<const Row> rows) {
  const ModelInfo& info = model.info();
  const auto broken = [&](const std::string& rule) {
    return InvalidArgument("model " + info.name + ": " + rule);
  };
  if (rows.empty()) return broken("a batch needs rows");
  if (static_cast<int>(rows.size()) > info.max_rows_per_forward) return broken("too many rows");
  SlotId slot = -1;
  int position = 0;
  int logits = 0;
  for (const Row& row : rows) {
    if (row.slot < 0 || row.slot >= info.slots) return broken("no such slot");
    if (row.token < 0 || row.token >= info.vocabulary_size) return broken("no such token");
    if (row.slot < slot) return broken("slots must ascend");
    if (row.slot > slot) {
      slot = row.slot;
      position = model.Length(slot);
    }
    if (row.position != position) {
      return broken("slot " + std::to_string(slot) + " continues at " + std::to_string(position) +
                    ", not at " + std::to_string(row.position));
    }
    if (++position > info.context_per_slot) return broken("slot is full");
    logits += row.wants_logits ? 1 : 0;
  }
  if (logits > info.max_logits_per_forward) return broken("too many rows want logits");
  return Ok();
}

}  // namespace turbospec
