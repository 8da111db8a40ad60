// Compares what speculation yielded with what the same time would have yielded without, over a
// window of recent steps, and switches it off for a while when it loses although every single plan
// said it would win: the last word of the measurements over the models. Each time it has to, it
// stays off twice as long; winning again makes it forget.
#pragma once

namespace turbospec {

struct GuardOptions {
  double window_steps = 48;    // time constant of the comparison, in steps
  double least_ratio = 0.985;  // realised / without, below which speculation has lost
  int first_pause_steps = 48;
  int longest_pause_steps = 384;
};

class NeverWorseGuard {
 public:
  explicit NeverWorseGuard(const GuardOptions& options) : options_(options) {}

  // A step was made. `tokens` came of it, `without` would have come in the same time with no
  // speculation. `speculated`: it proposed something.
  void Learn(double tokens, double without, bool speculated);

  bool pausing() const { return pause_ > 0; }
  // A probe found that drafts survive again: what is left of the pause is cut.
  void Relent() { pause_ /= 4; }
  // Realised over what no speculation would have given; 1 before anything was seen.
  double ratio() const { return without_ > 0 ? tokens_ / without_ : 1; }

 private:
  GuardOptions options_;
  double tokens_ = 0;
  double without_ = 0;
  double steps_ = 0;  // weight of what the window holds
  int pause_ = 0;
  int next_pause_ = 0;
};

}  // namespace turbospec
