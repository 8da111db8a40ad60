#include "profile/sweep.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "core/random.h"

namespace turbospec {

Sweep::Sweep(Model& model, const Clock& clock, std::function<Status(int rows)> after_pass)
    : model_(model), clock_(clock), after_pass_(std::move(after_pass)) {}

bool Sweep::IsOnePass(const PassShape& shape) const {
  const ModelInfo& info = model_.info();
  if (shape.sequences < 1 || shape.sequences > info.slots || shape.rows < shape.sequences ||
      shape.rows % shape.sequences != 0 || shape.rows > info.max_rows_per_forward ||
      shape.rows / shape.sequences > info.context_per_slot) {
    return false;
  }
  std::vector<int> rows_by_slot(static_cast<std::size_t>(info.slots), 0);
  std::fill_n(rows_by_slot.begin(), shape.sequences, shape.rows / shape.sequences);
  return model_.Passes(rows_by_slot).size() == 1;
}

// Rows at positions L..L+r-1 attend L+1..L+r tokens: L + (r+1)/2 in the mean.
int Sweep::LengthFor(const PassShape& shape) const {
  const int each = shape.rows / shape.sequences;
  const auto length = static_cast<int>(std::lround(shape.mean_context - (each + 1) / 2.0));
  return std::clamp(length, 0, model_.info().context_per_slot - each);
}

double Sweep::ActualContext(const PassShape& shape) const {
  const int each = shape.rows / shape.sequences;
  return LengthFor(shape) + (each + 1) / 2.0;
}

// Tokens that vary, so that mixture-of-experts models route as they do in service.
void Sweep::AddRows(SlotId slot, int count, bool want_logits) {
  const auto vocabulary = static_cast<std::uint64_t>(std::max(1, model_.info().vocabulary_size));
  const auto most_logits = static_cast<std::size_t>(model_.info().max_logits_per_forward);
  const int length = model_.Length(slot);
  for (int i = 0; i < count; ++i) {
    const auto place = static_cast<std::uint64_t>(length + i);
    const std::uint64_t bits = MixBits(place ^ MixBits(static_cast<std::uint64_t>(slot)));
    rows_.push_back({.slot = slot,
                     .position = length + i,
                     .token = static_cast<TokenId>(bits % vocabulary),
                     .wants_logits = want_logits && rows_.size() < most_logits});
  }
}

Error Sweep::Explained(const Error& error, const PassShape& shape) const {
  return {error.code, "profiling " + model_.info().name + ": a pass of " +
                          std::to_string(shape.rows) + " rows in " +
                          std::to_string(shape.sequences) + " sequences failed: " + error.message};
}

Status Sweep::Fill(SlotId slot, int length, int rows_per_fill) {
  while (model_.Length(slot) < length) {
    const int count =
        std::min({rows_per_fill, length - model_.Length(slot), model_.info().max_rows_per_forward});
    rows_.clear();
    AddRows(slot, count, /*want_logits=*/false);
    if (Status filled = model_.Forward(rows_); !filled.ok()) {
      return Explained(filled.error(), {.sequences = 1, .rows = count});
    }
    if (Status go_on = after_pass_(count); !go_on.ok()) return go_on;
  }
  return Ok();
}

Status Sweep::Prepare(const PassShape& shape, int rows_per_fill) {
  const int length = LengthFor(shape);
  for (SlotId slot = 0; slot < shape.sequences; ++slot) {
    if (Status cut = model_.Truncate(slot, length); !cut.ok()) return cut;
    if (Status filled = Fill(slot, length, rows_per_fill); !filled.ok()) return filled;
  }
  return Ok();
}

Result<Seconds> Sweep::Run(const PassShape& shape) {
  rows_.clear();
  for (SlotId slot = 0; slot < shape.sequences; ++slot) {
    AddRows(slot, shape.rows / shape.sequences, /*want_logits=*/true);
  }
  const Seconds start = clock_.Now();
  Status computed = model_.Forward(rows_);
  const Seconds taken = clock_.Now() - start;
  if (!computed.ok()) return Explained(computed.error(), shape);
  const int length = LengthFor(shape);
  for (SlotId slot = 0; slot < shape.sequences; ++slot) {
    if (Status cut = model_.Truncate(slot, length); !cut.ok()) return cut.error();
  }
  if (Status go_on = after_pass_(shape.rows); !go_on.ok()) return go_on.error();
  return taken;
}

Status Sweep::Clear() {
  for (SlotId slot = 0; slot < model_.info().slots; ++slot) {
    if (Status cut = model_.Truncate(slot, 0); !cut.ok()) return cut;
  }
  return Ok();
}

}  // namespace turbospec
