// What a controller may know of the machine: prices from a cost profile. Whoever makes a controller
// (server, simulator, tests) fills in what it has; MakeController refuses a controller whose prices
// are missing. Values. The functions are called only while the controller is made.
#pragma once

#include <optional>
#include <vector>

#include "control/linear_cost.h"
#include "cost/step_cost.h"
#include "turbospec/batch_shape.h"

namespace turbospec {

struct ControllerInputs {
  // What `auto` starts from and corrects online.
  std::optional<StepCost> cost{};
  // `budget` reads them once, when it is made, and `paper` fits its line to them. draft_pass stays
  // empty where there is no draft model.
  PassCost target_pass{};
  PassCost draft_pass{};
  // The paper's offline fit. Empty: fitted to passes priced by the functions above.
  std::optional<LinearCost> target_line{};
  std::optional<LinearCost> draft_line{};
  // Rows of the target passes that were measured, ascending; between them `budget` sees a
  // staircase. Empty: a usual grid up to 512.
  std::vector<int> measured_rows{};
  int max_sequences = 0;  // requests that can decode together; 0 = unknown
  int max_context = 0;    // tokens that a sequence can hold; 0 = unknown
};

}  // namespace turbospec
