#include "control/speculation_account.h"

#include <algorithm>

namespace turbospec {

double SpeculationAccount::Most() const {
  return std::max(options_.reserve_steps * plain_, wanted_);
}

void SpeculationAccount::Earn(double plain) {
  if (plain_ == 0) balance_ = options_.reserve_steps * plain;
  plain_ = plain;
  const double instalment = loan_ / options_.loan_steps;
  loan_ -= instalment;
  balance_ = std::min(balance_ + options_.share * plain - instalment, Most());
}

bool SpeculationAccount::Allows(double risk) {
  if (broke_ && CanPay(std::min(risk, Most()))) broke_ = false;
  return !broke_;
}

void SpeculationAccount::Settle(double tokens, double without) {
  balance_ = std::clamp(balance_ + tokens - without, -Most(), Most());
  if (balance_ < 0) broke_ = true;
}

void SpeculationAccount::SaveFor(double tokens) {
  wanted_ = tokens;
}

}  // namespace turbospec
