// When requests come, as a value: a list of phases, each closed (so many requests in flight) or
// open (a rate over time), each with its own mix. Written on a command line as
//   closed:8   poisson:2.5   burst:on=10,off=30,rate=8,idle=0.5   ramp:from=0.5,to=8,over=120
//   day:mean=2,swing=0.8,compress=1440   phases:FILE.json
// docs/workload_format.md explains each. Parsing is pure but for reading FILE.json.
#pragma once

#include <filesystem>
#include <limits>
#include <string_view>
#include <variant>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "workload/mix.h"
#include "workload/rate_shape.h"

namespace turbospec {

// As many clients, each of which sends its next request when the last one is answered.
struct ClosedLoop {
  int clients = 1;
};

struct ArrivalPhase {
  Seconds duration{std::numeric_limits<double>::infinity()};
  std::variant<ClosedLoop, RateShape> load;
  Mix mix;  // without shares: the mix of the whole run
};

struct ArrivalPlan {
  std::vector<ArrivalPhase> phases;
};

// The written forms above, without phases:. One phase without end.
Result<ArrivalPlan> ParseArrivalPlan(std::string_view text);

// The content of a phases file; `source` names it in errors.
Result<ArrivalPlan> ParsePhases(std::string_view text, std::string_view source);

// All written forms; reads the file of phases:FILE.json.
Result<ArrivalPlan> LoadArrivalPlan(std::string_view text);

}  // namespace turbospec
