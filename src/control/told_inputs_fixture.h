// For tests: what a controller is told of a machine whose passes take a time by their rows alone.
#pragma once

#include <functional>
#include <utility>

#include "control/controller_inputs.h"

namespace turbospec {

using SecondsByRows = std::function<double(int rows)>;

inline CostModel ToldCost(const SecondsByRows& seconds, int slots) {
  const int rows[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512};
  const double contexts[] = {16, 1024};
  auto surface = CostSurface::Create(TablesOf(
      [&](const PassShape& shape) { return Seconds(seconds(shape.rows)); }, contexts, rows, slots));
  return CostModel(*std::move(surface));
}

inline StepCost ToldStepCost(const SecondsByRows& target, const SecondsByRows& draft, int slots) {
  return {ToldCost(target, slots), ToldCost(draft, slots), HostCost({Seconds(0), Seconds(0)})};
}

// Enough for every controller.
inline ControllerInputs ToldInputs(const SecondsByRows& target, const SecondsByRows& draft,
                                   int slots) {
  return {.cost = ToldStepCost(target, draft, slots),
          .target_pass = [target](int, int rows, double) { return Seconds(target(rows)); },
          .draft_pass = [draft](int, int rows, double) { return Seconds(draft(rows)); }};
}

}  // namespace turbospec
