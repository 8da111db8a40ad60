// How long a request will need the draft model before prompt lookup serves it again, and the draft
// falls behind: what catching up can earn. Learned from its own text, which copies in stretches.
// Example: 10 new tokens between copied ones so far; 4 of them written: 6 left. A request that has
// never copied needs the draft to its end. A few operations per step.
#pragma once

#include <algorithm>

#include "control/output_horizon.h"

namespace turbospec {

class FreshStretch {
 public:
  // A step committed so many tokens; `copied`: by prompt lookup, but for the target's own.
  void Learn(bool copied, int tokens) {
    if (!copied) {
      fresh_ += tokens;
      return;
    }
    if (copies_ && fresh_ > 0) stretches_.Learn(fresh_);
    copies_ = true;
    fresh_ = 0;
  }

  // Of `tokens_left` until the request ends, those until lookup serves it again.
  double Left(double tokens_left) const {
    if (!copies_) return tokens_left;
    return std::min(tokens_left, stretches_.Left(fresh_, 1 << 20));
  }

 private:
  OutputHorizon stretches_;
  int fresh_ = 0;  // tokens since the last copied one
  bool copies_ = false;
};

}  // namespace turbospec
