#include "engine/step.h"

namespace turbospec {

void Step::Clear() {
  decoding.clear();
  requests.clear();
  prompts.clear();
  target_passes.clear();
  view = {};
  draft_plan.choices.clear();
  proposals.clear();
  verify_plan.choices.clear();
  segments.clear();
  draft_passes.clear();
  target = {};
  sampling = Seconds{0};
  draft_faults = 0;
}

Seconds Step::DraftTime() const {
  Seconds sum{0};
  for (const PassTiming& pass : draft_passes) sum += pass.seconds;
  return sum;
}

}  // namespace turbospec
