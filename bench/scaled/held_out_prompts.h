// Which prompts of a workload a check runs on. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "workload/workload.h"

namespace turbospec {

// Up to `count` held-out items, taken from the classes in turn, within a class in the order of its
// file: every class is in as evenly as it can be, and a larger count only adds.
std::vector<WorkloadItem> HeldOutInTurn(const Workload& workload, std::size_t count);

}  // namespace turbospec
