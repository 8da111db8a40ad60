// Pays for learning: a share of the tokens that the steps yield may be spent on steps that are
// expected to lose, since without labels nothing is learned. Counts in tokens. Pure arithmetic.
#pragma once

#include <algorithm>

namespace turbospec {

class ProbeLedger {
 public:
  // `share` of all tokens, in [0, 1]; savings stop at `most` tokens.
  ProbeLedger(double share, double most) : share_(share), most_(most) {}

  // A step yielded so many tokens.
  void Earn(double tokens) { credit_ = std::min(credit_ + share_ * tokens, most_); }
  // The most expensive thing wanted: savings may grow up to it.
  void SaveFor(double tokens) { most_ = std::max(tokens, 1.0); }
  bool CanPay(double tokens) const { return tokens <= credit_; }
  void Pay(double tokens) { credit_ -= tokens; }
  // What was paid for turned out to be worth it.
  void Refund(double tokens) { credit_ = std::min(credit_ + tokens, most_); }

  double credit() const { return credit_; }

 private:
  double share_;
  double most_;
  double credit_ = 0;
};

}  // namespace turbospec
