// Runs passes of chosen shapes on a model and times them. The KV of the slots is filled and cut as
// each shape needs it. Internal to this folder; used by ProfileModel on its thread.
#pragma once

#include <functional>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "cost/pass_shape.h"
#include "model/model.h"

namespace turbospec {

class Sweep {
 public:
  // `after_pass` is called after every pass, fillings included; what it returns ends the call.
  Sweep(Model& model, const Clock& clock, std::function<Status(int rows)> after_pass);

  // The shape can be had: equally long in all its sequences, one pass, within the model's limits.
  bool IsOnePass(const PassShape& shape) const;

  // Brings slots 0..sequences-1 to the length from which a pass of this shape has its mean
  // context, as near as the slots allow. Longer ones are cut, shorter ones filled by passes of
  // `rows_per_fill` rows.
  Status Prepare(const PassShape& shape, int rows_per_fill);

  // One timed pass, then back to the lengths before. REQUIRES: Prepare(shape).
  Result<Seconds> Run(const PassShape& shape);

  // The mean context that Run has after Prepare.
  double ActualContext(const PassShape& shape) const;

  // Empties every slot.
  Status Clear();

 private:
  int LengthFor(const PassShape& shape) const;
  Status Fill(SlotId slot, int length, int rows_per_fill);
  void AddRows(SlotId slot, int count, bool want_logits);
  Error Explained(const Error& error, const PassShape& shape) const;

  Model& model_;
  const Clock& clock_;
  std::function<Status(int rows)> after_pass_;
  std::vector<Row> rows_;
};

}  // namespace turbospec
