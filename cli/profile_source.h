// Where the profile of a run comes from: a file that was named, the cache, or a measurement now.
// On the thread that loaded the models (OpenMP keeps a team per thread); a measurement takes up to
// a minute.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/flags.h"
#include "cli/load_models.h"
#include "core/clock.h"
#include "core/result.h"
#include "cost/cost_profile.h"

namespace turbospec::cli {

// What a profile of these models under these flags is valid for.
ProfileKey KeyOf(const EngineFlags& flags, const LlamaModels& models);

// $XDG_CACHE_HOME or ~/.cache, then turbospec/profiles/<models, machine and settings>.json; ""
// where the environment names neither.
std::string CachePath(const ProfileKey& key);

// Writes it where ObtainProfile looks, its target's half also for runs without the draft model. An
// error names the file. REQUIRES: CachePath(profile.key) is not empty.
Status KeepInCache(const CostProfile& profile);

struct MeasureOptions {
  ProfileMode mode = ProfileMode::kQuick;
  Seconds budget{0};  // for both models; 0 = as the mode says, 50 s or 200 s
};

struct Measurement {
  CostProfile profile;
  // What other programs did to it, and what to do; nothing when they left it cores enough.
  std::optional<std::string> disturbance;
};

// Measures target and draft, with a bar on a terminal.
Result<Measurement> MeasureProfile(const EngineFlags& flags, LlamaModels& models,
                                   const Clock& clock, const MeasureOptions& options);

// As --profile says. A named file is read and must fit. "auto": the cached profile if it fits;
// else, for a controller that needs prices, one that is measured now, and kept unless it was
// disturbed. "off": a coarse measurement of some seconds, not kept, for a controller that needs
// prices.
Result<std::optional<CostProfile>> ObtainProfile(const EngineFlags& flags, LlamaModels& models,
                                                 const Clock& clock, const Note& note);

}  // namespace turbospec::cli
