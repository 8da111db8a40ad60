// A Comparison as one HTML page with plots as inline SVG: no script, no network. O(steps).
#pragma once

#include <string>

#include "sim/comparison.h"

namespace turbospec {

std::string ComparisonPage(const Comparison& comparison);

}  // namespace turbospec
