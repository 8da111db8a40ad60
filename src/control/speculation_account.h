// Never worse than no speculation, as bookkeeping: every step earns a small share of its tokens,
// every step that speculates is charged with what it yielded against what the same time would have
// yielded without, gain or loss. Speculation that wins keeps the account full; one that loses
// empties it and is off until enough has been earned again, whatever the plans promise. Learning is
// paid from the same account, and a probe that wins pays itself back. While there is debt, half of
// what is earned is set aside for probes: else nothing could be learned until all is paid off. So
// the loss against no speculation stays below the share plus what the account can hold and the
// credit. In tokens.
//
// Pure arithmetic; a few additions a step.
#pragma once

namespace turbospec {

struct AccountOptions {
  double share = 0.0082;     // of all tokens, what speculation may cost in the long run; in [0, 1]
  double reserve_steps = 3;  // most that is held, in steps without speculation; held at first
  double least_reserve = 0;  // or so many tokens, if they are more
  double loan_steps = 3;     // most that may be invested and not paid off, but for the last
  double credit_steps = 3;   // what may be lost beyond the balance where many labels are for it
};

class SpeculationAccount {
 public:
  explicit SpeculationAccount(const AccountOptions& options) : options_(options) {}

  // A step was made that would have yielded `plain` tokens without speculation.
  void Earn(double plain);
  // It speculated: `tokens` came of it, `without` would have come in the same time. REQUIRES: after
  // Earn of the same step.
  void Settle(double tokens, double without);
  // Of the time of such a step, so many tokens' worth was spent for later steps: a loan. It is paid
  // off with gains that the account has no room for, and with half of the share.
  void Invest(double tokens) { loan_ += tokens; }
  bool MayInvest(double tokens) const {
    return CanPay(tokens) || loan_ <= options_.loan_steps * plain_;
  }
  // Something dearer than the reserve is wanted: savings may grow up to it.
  void SaveFor(double tokens);
  bool CanPay(double tokens) const { return tokens <= balance_; }
  // A probe of that price can be paid; if so the means for it, to be settled like any step, are in
  // the balance now.
  bool FundProbe(double tokens);
  // What is known to cost without being measured.
  void Pay(double tokens) { balance_ -= tokens; }
  // A probe found that drafts survive again: speculation may be tried at once, and while there is
  // debt is off again with the first loss.
  void Relent() { broke_ = false; }
  // Many labels at once say that it pays: it may be tried, and is not off again before it has lost
  // credit_steps more than there was.
  void Lend() {
    Relent();
    credit_ = options_.credit_steps * plain_;
  }
  // After speculation has lost more than there was it is tried again when what the next step could
  // lose, `risk`, can be paid.
  bool Allows(double risk);
  double balance() const { return balance_; }

 private:
  double Most() const;
  void Add(double tokens);

  AccountOptions options_;
  double balance_ = 0;
  double plain_ = 0;   // tokens of a step without speculation
  double aside_ = 0;   // for probes, while there is debt
  double wanted_ = 0;  // the dearest thing that is saved for
  double loan_ = 0;    // what was invested and not paid off yet
  double credit_ = 0;  // what may be lost beyond the balance
  bool broke_ = false;
};

}  // namespace turbospec
