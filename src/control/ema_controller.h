// `ema`: SGLang's adaptive speculation. Four slots by the number of decoding requests, each with
// its own depths and its own average of the accepted length; it knows of no cost.
#pragma once

#include <array>
#include <string>

#include "control/adaptive_tier.h"
#include "control/uniform_controller.h"

namespace turbospec {

class EmaController final : public UniformController {
 public:
  explicit EmaController(std::string name);

  void Learn(const StepOutcome& outcome) override;

 protected:
  int ChooseDepth(const StepView& step) override { return TierOf(step).depth(); }

 private:
  struct Slot {
    int least_requests = 1;
    AdaptiveTier tier;
  };

  AdaptiveTier& TierOf(const StepView& step);

  std::array<Slot, 4> slots_;  // ascending
};

}  // namespace turbospec
