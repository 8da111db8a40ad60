// The port to inference: batched forward passes over the KV slots of one model. The engine and the
// draft proposer see only this. One thread at a time may call it (the engine thread). A Forward
// costs a model pass; everything else is cheap. Adapters: LlamaModel, FakeModel; FaultyModel wraps.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "turbospec/batch_shape.h"
#include "turbospec/types.h"

namespace turbospec {

struct ModelInfo {
  std::string name;  // for people: file stem or "fake"
  int vocabulary_size = 0;
  int slots = 0;                   // sequences whose KV can be held at once
  int context_per_slot = 0;        // tokens each slot can hold
  int max_rows_per_forward = 0;    // rows one Forward call accepts
  int max_logits_per_forward = 0;  // rows of one call that may want logits
  BatchRule batch_rule = BatchRule::kOnePass;
  // Under kEqualLength: idle slots between active ones get dummy rows where that saves time, so
  // that a gap need not part a pass. Passes() tells where.
  bool fills_gaps = false;
  bool can_truncate = true;       // false: memory cannot be cut; serve without speculation
  std::uint64_t fingerprint = 0;  // identifies weights and settings in durable files
};

// One token entering one slot. Rows of a slot are contiguous in a call, in position order, the
// first at Length(slot); slots appear in ascending order.
struct Row {
  SlotId slot = 0;
  int position = 0;  // 0-based; equals the slot's length when the row is processed
  TokenId token = 0;
  bool wants_logits = false;
};

class Model {
 public:
  virtual ~Model() = default;

  virtual const ModelInfo& info() const = 0;

  // Appends the rows to their slots' KV and computes logits where wanted.
  // On error every slot that the call named is back at its length before the call.
  virtual Status Forward(std::span<const Row> rows) = 0;

  // Logits of row `row` of the last successful Forward, `vocabulary_size` floats.
  // REQUIRES: that row wanted logits. Valid until the next Forward.
  virtual std::span<const float> Logits(int row) const = 0;

  // Tokens in the slot's KV.
  virtual int Length(SlotId slot) const = 0;

  // Forgets all tokens of the slot from position `length` on; longer than it is: no change.
  // Fails with kUnsupported only when can_truncate is false and 0 < length < Length(slot).
  virtual Status Truncate(SlotId slot, int length) = 0;

  // The computations a Forward of rows_by_slot[s] rows for slot s will make, exactly.
  virtual std::vector<Pass> Passes(std::span<const int> rows_by_slot) const = 0;
};

}  // namespace turbospec
