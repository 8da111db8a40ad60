#include "control/adaptive_tier.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace turbospec {

AdaptiveTier::AdaptiveTier(TierOptions options, int initial_depth) : options_(std::move(options)) {
  const auto found = std::ranges::find(options_.depths, initial_depth);
  current_ = found != options_.depths.end()
                 ? static_cast<std::size_t>(found - options_.depths.begin())
                 : options_.depths.size() / 2;
  average_ = depth() - 1;
}

void AdaptiveTier::Observe(double mean_accepted) {
  if (depth() > 0) average_ += options_.weight_of_new * (mean_accepted - average_);
  ++steps_;
  if (steps_ <= options_.warm_up_steps) return;
  if ((steps_ - options_.warm_up_steps) % options_.steps_per_update == 0) ChooseAgain();
}

void AdaptiveTier::ChooseAgain() {
  if (depth() == 0) return ProbeAfterZero();
  if (!Descend()) Climb();
}

// At depth 0 nothing can be learned, so that every interval of it ends with one of the smallest
// positive depth.
void AdaptiveTier::ProbeAfterZero() {
  current_ = std::min(current_ + 1, options_.depths.size() - 1);
  if (depth() > 0 && average_ < 0) average_ = depth() - 1;
}

// Down to the smaller depth where the average lies half a token below it; to depth 0 where less
// than half a token is accepted.
bool AdaptiveTier::Descend() {
  const std::size_t before = current_;
  while (current_ > 0) {
    const int smaller = options_.depths[current_ - 1];
    const double threshold = (smaller == 0 ? 0.5 : smaller - 0.5) + options_.down_hysteresis;
    if (average_ > threshold) break;
    --current_;
  }
  return current_ < before;
}

// Up where nearly all that is drafted is accepted: more might be.
void AdaptiveTier::Climb() {
  while (current_ + 1 < options_.depths.size() &&
         average_ > depth() - 0.5 + options_.up_hysteresis) {
    ++current_;
  }
}

}  // namespace turbospec
