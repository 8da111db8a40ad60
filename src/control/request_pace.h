// What a token of one request costs in time, while its text repeats what stands before (prompt
// lookup has a match) and while it does not; and so what a token more is worth in either case.
//
// Over a request's life its tokens are given; what varies is the time that they take. A token that
// is accepted saves what a token costs where it stands, so that it is worth more than one where
// text is slow, and less where it is quick. Example: where a step takes 10 ms whatever is verified
// in it, 60 copied tokens take 4 steps and 12 new ones 12. A token costs 2.2 ms on average, a new
// one 10: it is worth 4 (4.5, cut), a copied one 0.3. A request that is alike everywhere has tokens
// worth 1. A few operations per step.
#pragma once

#include <algorithm>
#include <array>

namespace turbospec {

class RequestPace {
 public:
  // A step that began with a match or without committed so many tokens and took so long, the
  // request's share of it.
  void Learn(bool match, double tokens, double seconds) {
    constexpr double kKeep = 1 - 1.0 / 256;
    for (Sum& sum : sums_) {
      sum.tokens *= kKeep;
      sum.seconds *= kKeep;
      sum.steps *= kKeep;
    }
    Sum& sum = sums_[match ? 1 : 0];
    sum.tokens += tokens;
    sum.seconds += seconds;
    sum.steps += 1;
  }

  // Of one token of the step to come, in (0, 4]. 1 before anything was seen.
  double Worth(bool match) const {
    const double steps = sums_[0].steps + sums_[1].steps;
    const double tokens = sums_[0].tokens + sums_[1].tokens;
    const double seconds = sums_[0].seconds + sums_[1].seconds;
    if (!(tokens > 0 && seconds > 0)) return 1;
    // As if a few steps here had been like the average.
    constexpr double kPriorSteps = 4;
    const Sum& here = sums_[match ? 1 : 0];
    const double cost = (here.seconds + kPriorSteps * seconds / steps) /
                        (here.tokens + kPriorSteps * tokens / steps);
    return std::clamp(cost * tokens / seconds, 1 / kMost, kMost);
  }

 private:
  static constexpr double kMost = 4;
  struct Sum {
    double tokens = 0;
    double seconds = 0;
    double steps = 0;
  };
  std::array<Sum, 2> sums_{};
};

}  // namespace turbospec
