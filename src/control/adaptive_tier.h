// One slot of SGLang's adaptive speculation: a few depths to choose from, and a moving average of
// the accepted length that climbs and descends them. Pure; O(candidates) at an update.
#pragma once

#include <span>
#include <vector>

namespace turbospec {

struct TierOptions {
  std::vector<int> depths{};  // to choose from, ascending, at least one, >= 0
  double down_hysteresis = 0;
  double up_hysteresis = 0;
  double weight_of_new = 0.2;  // of the moving average
  int steps_per_update = 5;
  int warm_up_steps = 10;
};

class AdaptiveTier {
 public:
  // Starts at `initial_depth` when that is a candidate, else at the middle candidate; the average
  // starts at one less, where it moves neither up nor down.
  AdaptiveTier(TierOptions options, int initial_depth);

  int depth() const { return options_.depths[current_]; }
  double accepted_length() const { return average_; }

  // A step of this slot's requests was verified: accepted draft tokens per request, mean. Ignored
  // for the average where the depth was 0, since nothing was drafted then.
  void Observe(double mean_accepted);

 private:
  void ChooseAgain();
  void ProbeAfterZero();
  bool Descend();
  void Climb();

  TierOptions options_;
  std::size_t current_ = 0;
  double average_ = 0;
  int steps_ = 0;
};

}  // namespace turbospec
