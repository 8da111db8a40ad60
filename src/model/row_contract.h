// The rule of Model::Forward on its rows, stated once for every adapter. Costs one walk over them.
#pragma once

#include <span>

#include "core/result.h"
#include "model/model.h"

namespace turbospec {

// kInvalidArgument with the model's name and the broken rule: rows are at least one and at most
// max_rows_per_forward, of ascending slots, each continuing its slot, within its context, of known
// tokens; at most max_logits_per_forward want logits.
Status CheckRows(const Model& model, std::span<const Row> rows);

}  // namespace turbospec
