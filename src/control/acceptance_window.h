// The one acceptance rate of the `paper` controller: a mean over the last 10,000 speculating steps,
// all requests and positions alike.
//
// As its authors define it, a step's rate is accepted / verified draft tokens. That is no
// probability of a token: with true 0.8 and five tokens drafted it reads
// (0.8 + 0.8^2 + ... + 0.8^5) / 5 = 0.54, since tokens after a rejection count as rejected. The
// censored estimate counts those out: accepted / (accepted + first rejections) = 0.8.
// Value; a step costs O(1), the rate O(window).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "turbospec/controller.h"

namespace turbospec {

class AcceptanceWindow {
 public:
  AcceptanceWindow(bool censored, double initial_rate, std::size_t steps)
      : censored_(censored), initial_rate_(initial_rate), capacity_(steps) {}

  // Steps in which nothing was verified leave no trace.
  void Observe(std::span<const RequestOutcome> requests);

  double Rate() const;

 private:
  struct Step {
    int accepted = 0;
    int verified = 0;
    int first_rejections = 0;
  };

  bool censored_;
  double initial_rate_;
  std::size_t capacity_;
  std::vector<Step> steps_;  // a ring once it is full
  std::size_t oldest_ = 0;
};

}  // namespace turbospec
