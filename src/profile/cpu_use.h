// How busy the machine was with other programs while something was measured: prices taken beside a
// neighbour are wrong, and nothing in the times themselves says so.
#pragma once

#include <optional>

#include "turbospec/types.h"

namespace turbospec {

// Processor time since some origin, summed over cores.
struct CpuUse {
  Seconds everybody{0};
  Seconds own{0};
};

// Nothing where the system does not tell.
std::optional<CpuUse> ReadCpuUse();

// Cores that other programs kept busy between two readings `elapsed` apart: 0.5 = half of one.
double CoresOfOthers(const CpuUse& before, const CpuUse& after, Seconds elapsed);

}  // namespace turbospec
