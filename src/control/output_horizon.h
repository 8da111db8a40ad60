// How many more tokens a request may be expected to live, learned from those that ended: decides
// whether it pays to let the draft model catch up with it. A few additions per request.
#pragma once

#include <algorithm>

namespace turbospec {

class OutputHorizon {
 public:
  // A request left after so many tokens.
  void Learn(int tokens) { mean_ += (tokens - mean_) / std::min(++seen_ + 2.0, 64.0); }

  // Expected tokens to come after `produced`, at most `most`. Beyond the mean a request is taken to
  // live on for a quarter of what it has lived.
  double Left(int produced, int most) const {
    return std::min<double>(std::max(mean_ - produced, 0.25 * produced + 1), most);
  }

 private:
  double mean_ = 128;
  double seen_ = 0;
};

}  // namespace turbospec
