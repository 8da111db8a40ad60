// What to expect of other machines and loads: a scenario varied along several axes, every
// combination simulated. For somebody who plans capacity. Combinations run on several threads.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "sim/simulation.h"

namespace turbospec {

// "rate=1:2:4,slots=8:16,draft=0:0.05:0.1,replicas=1:2". Axes: rate (requests per second, Poisson),
// clients (closed loop), slots, replicas, draft (cost of the draft model relative to the target; 0
// = none), acceptance (of every class).
struct WhatIfAxis {
  std::string name;
  std::vector<double> values;
};
Result<std::vector<WhatIfAxis>> ParseWhatIf(std::string_view text);

struct WhatIfRow {
  std::vector<double> values;  // parallel to the axes
  SimulationResult plain{};    // without speculation
  SimulationResult result{};
};
struct WhatIf {
  std::vector<WhatIfAxis> axes;
  std::vector<WhatIfRow> rows;
};

// At most 1,000 combinations; each is checked as any scenario.
Result<WhatIf> SweepWhatIf(const Scenario& scenario, std::vector<WhatIfAxis> axes,
                           const std::string& controller, int threads);

std::string WhatIfText(const WhatIf& what_if);

}  // namespace turbospec
