// A profile for people: a table with the paper's linear fit beside the measured surface, and a
// plot. Pure.
#pragma once

#include <string>

#include "cost/cost_profile.h"

namespace turbospec::cli {

// Milliseconds per pass by rows and context, the line's prediction beside each, and the error of
// both on the shapes that were measured apart from the grid. REQUIRES: the tables are valid.
std::string ProfileText(const CostProfile& profile);

// The same as one SVG picture, a panel per model.
std::string ProfileSvg(const CostProfile& profile);

}  // namespace turbospec::cli
