#include "control/acceptance_window.h"

namespace turbospec {

void AcceptanceWindow::Observe(std::span<const RequestOutcome> requests) {
  Step step;
  for (const RequestOutcome& request : requests) {
    if (request.failed) continue;
    step.accepted += request.accepted;
    step.verified += request.verified;
    step.first_rejections += request.accepted < request.verified ? 1 : 0;
  }
  if (step.verified == 0) return;
  if (steps_.size() < capacity_) {
    steps_.push_back(step);
  } else {
    steps_[oldest_] = step;
    oldest_ = (oldest_ + 1) % capacity_;
  }
}

double AcceptanceWindow::Rate() const {
  if (steps_.empty()) return initial_rate_;
  double accepted = 0;
  double labels = 0;
  double rates = 0;
  for (const Step& step : steps_) {
    accepted += step.accepted;
    labels += step.accepted + step.first_rejections;
    rates += static_cast<double>(step.accepted) / step.verified;
  }
  return censored_ ? accepted / labels : rates / static_cast<double>(steps_.size());
}

}  // namespace turbospec
