#include "control/never_worse_guard.h"

#include <algorithm>

namespace turbospec {

void NeverWorseGuard::Learn(double tokens, double without, bool speculated) {
  if (pause_ > 0) --pause_;
  if (!speculated) return;
  const double keep = 1 - 1 / options_.window_steps;
  tokens_ = keep * tokens_ + tokens;
  without_ = keep * without_ + without;
  steps_ = keep * steps_ + 1;
  // Half a window of evidence, before chance is taken for a loss.
  if (steps_ < options_.window_steps / 2) return;
  if (ratio() >= options_.least_ratio) {
    if (ratio() > 1) next_pause_ = 0;
    return;
  }
  next_pause_ =
      std::clamp(2 * next_pause_, options_.first_pause_steps, options_.longest_pause_steps);
  pause_ = next_pause_;
  tokens_ = without_ = steps_ = 0;
}

}  // namespace turbospec
