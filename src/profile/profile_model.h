// Measures what the passes of a model take, through the port only: row counts x contexts x (one
// sequence | all slots), plus passes between these that judge the result. Runs on the calling
// thread, for as long as the budget says; the model's slots are empty before and after, whatever
// happens.
//
// Each point: one run that does not count (its surplus is the price of a first use), then the
// lower quartile of some more. All rows want logits, as in verification.
#pragma once

#include <functional>

#include "core/clock.h"
#include "core/result.h"
#include "cost/cost_profile.h"
#include "model/model.h"

namespace turbospec {

struct ProfileOptions {
  ProfileMode mode = ProfileMode::kQuick;
  Seconds budget{45};  // above 0; a slow model gets a coarser grid, not more time
};

struct ProfileProgress {
  double done = 0;  // 0..1
  Seconds elapsed{0};
  int rows = 0;  // of the pass that was just measured
};

// Called after every pass; false ends the profile with kCancelled.
using ProfileProgressFn = std::function<bool(const ProfileProgress&)>;

// kInvalidArgument: slots in use or a bad budget. kUnsupported: memory that cannot be truncated (it
// is served without speculation, so nobody asks for its prices). A failed pass: its error, with the
// shape that failed. Points that the budget left out are inferred from their neighbours and marked.
Result<ModelCosts> ProfileModel(Model& model, const Clock& clock, const ProfileOptions& options,
                                const ProfileProgressFn& progress = {});

}  // namespace turbospec
