#include "control/speculation_account.h"

#include <algorithm>

namespace turbospec {

double SpeculationAccount::Most() const {
  return std::max({options_.reserve_steps * plain_, options_.least_reserve, wanted_});
}

void SpeculationAccount::Earn(double plain) {
  const bool first = plain_ == 0;
  plain_ = plain;
  if (first) balance_ = Most();
  const double earned = options_.share * plain;
  const double instalment = std::min(loan_, earned / 2);
  loan_ -= instalment;
  const double left = earned - instalment;
  if (balance_ < 0) {
    aside_ = std::min(aside_ + left / 2, Most());
    return Add(left / 2);
  }
  Add(left + aside_);
  aside_ = 0;
}

bool SpeculationAccount::FundProbe(double tokens) {
  if (CanPay(tokens)) return true;
  if (tokens > aside_) return false;
  aside_ -= tokens;
  balance_ += tokens;
  return true;
}

// A debt is no larger than what can be held. What is too much to hold pays off the loan.
void SpeculationAccount::Add(double tokens) {
  const double sum = balance_ + tokens;
  balance_ = std::clamp(sum, -Most() - credit_, Most());
  if (sum > balance_) loan_ = std::max(0.0, loan_ - (sum - balance_));
}

bool SpeculationAccount::Allows(double risk) {
  if (broke_ && CanPay(std::min(risk, Most()))) broke_ = false;
  return !broke_;
}

void SpeculationAccount::Settle(double tokens, double without) {
  Add(tokens - without);
  if (tokens < without && balance_ < -credit_) broke_ = true;
  if (broke_ || balance_ > credit_) credit_ = 0;
}

void SpeculationAccount::SaveFor(double tokens) {
  wanted_ = tokens;
}

}  // namespace turbospec
