// How many prompts wait for steps, and whether their requests come to fill the slots or to replace
// others. While slots fill, tokens are as good as ever; where as many requests leave as come and
// prompts still wait, step after step, steps are what there is too little of, and more tokens a
// step only empty the slots sooner. A few operations per step.
#pragma once

#include <algorithm>

namespace turbospec {

class PromptQueue {
 public:
  // A request decodes for the first time; one has left.
  void Come() { come_ += 1; }
  void Leave() { left_ += 1; }

  // A step begins; so many requests' prompts are not computed yet. One of them is computed beside
  // decoding.
  void Step(int prefilling) {
    constexpr double kKeep = 1 - 1.0 / 32;
    waiting_ = std::max(0, prefilling - 1);
    come_ *= kKeep;
    left_ *= kKeep;
    crowded_ = crowded_ * kKeep + (waiting_ > 0 ? 1 - kKeep : 0);
  }

  int waiting() const { return waiting_; }
  // How far steps are what there is too little of, in [0, 1]: the part of those who came lately
  // that took the place of one who left, where prompts waited in every other step or more.
  double Scarcity() const {
    const double replacing = std::min(1.0, left_ / (come_ + 1));
    return replacing * std::min(1.0, 2 * crowded_);
  }

 private:
  int waiting_ = 0;
  double come_ = 0;
  double left_ = 0;
  double crowded_ = 0;  // the part of the steps lately in which prompts waited
};

}  // namespace turbospec
