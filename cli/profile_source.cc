#include "cli/profile_source.h"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <utility>

#include "cli/controller_prices.h"
#include "cli/progress_bar.h"
#include "profile/cpu_use.h"
#include "profile/machine.h"
#include "profile/profile_model.h"

namespace turbospec::cli {
namespace {

constexpr Seconds kQuickBudget{50};
constexpr Seconds kFullBudget{200};
constexpr Seconds kCoarseBudget{3};
constexpr double kDraftShare = 0.25;
constexpr double kDisturbing = 0.2;  // cores

ProfiledModel Identity(const Model& model) {
  return {.name = model.info().name, .fingerprint = model.info().fingerprint};
}

std::string DeviceOf(const EngineFlags& flags) {
  if (flags.gpu_layers == 0) return "cpu";
  std::string device = "gpu";
  for (const std::string& name : flags.devices) device += " " + name;
  return device + (flags.gpu_layers < 0 ? ", all layers"
                                        : ", " + std::to_string(flags.gpu_layers) + " layers");
}

std::string UtcNow() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[sizeof "2026-11-24T21:16:00Z"];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

// Measures one model; the bar goes from `from` to `to`.
Result<ModelCosts> Measure(Model& model, const Clock& clock, const ProfileOptions& options,
                           ProgressBar& bar, double from, double to) {
  return ProfileModel(model, clock, options, [&](const ProfileProgress& progress) {
    bar.Show(from + (to - from) * progress.done,
             fmt::format("{}, {} rows", model.info().name, progress.rows));
    return true;
  });
}

// The cached profile if there is one that fits.
std::optional<CostProfile> FromCache(const std::string& path, const ProfileKey& wanted,
                                     const Note& note) {
  std::error_code ignored;
  if (path.empty() || !std::filesystem::exists(path, ignored)) return std::nullopt;
  auto cached = ReadProfile(path);
  if (!cached.ok()) {
    note(cached.error().message);
    return std::nullopt;
  }
  if (const auto reason = Mismatch(cached->key, wanted)) {
    note("the cached profile does not fit: " + *reason);
    return std::nullopt;
  }
  return *std::move(cached);
}

Result<CostProfile> FromFile(const std::string& path, const ProfileKey& wanted) {
  auto profile = ReadProfile(path);
  if (!profile.ok()) return profile;
  if (const auto reason = Mismatch(profile->key, wanted)) {
    return InvalidArgument("the profile \"" + path + "\" does not fit: " + *reason +
                           "; leave out --profile, or measure anew with `turbospec profile --out " +
                           path + "` and the same flags");
  }
  return profile;
}

std::optional<std::string> Disturbance(const std::optional<CpuUse>& before, Seconds elapsed,
                                       const ProfileKey& key) {
  const auto after = ReadCpuUse();
  if (!before || !after) return std::nullopt;
  const double others = CoresOfOthers(*before, *after, elapsed);
  // With a core to spare for them they hardly matter.
  if (others < kDisturbing || others + key.threads < key.cores) return std::nullopt;
  return fmt::format(
      "other programs kept {:.1f} of {} cores busy meanwhile, so the prices are too high; measure "
      "again with `turbospec profile` on a quiet machine",
      others, key.cores);
}

// Without a draft model its prices are of no use, and would promise one.
CostProfile Fitted(CostProfile profile, const ProfileKey& wanted) {
  if (!wanted.draft) profile.draft.reset();
  return profile;
}

// The target's half of a pair's profile, for runs without the draft model. One of more slots stays.
void KeepTargetAlone(CostProfile profile) {
  profile.draft.reset();
  profile.key.draft.reset();
  const std::string path = CachePath(profile.key);
  const auto kept = FromCache(path, profile.key, [](const std::string&) {});
  if (kept && kept->key.slots > profile.key.slots) return;
  (void)WriteProfile(path, profile);  // a convenience
}

}  // namespace

ProfileKey KeyOf(const EngineFlags& flags, const LlamaModels& models) {
  const Machine machine = ThisMachine();
  const ModelInfo& info = models.target->info();
  ProfileKey key{.target = Identity(*models.target),
                 .processor = machine.processor,
                 .cores = machine.cores,
                 .device = DeviceOf(flags),
                 .threads = ThreadsOf(flags),
                 .slots = info.slots,
                 .batch_rule = info.batch_rule,
                 .kv_type = flags.kv_type,
                 .llama_version = LlamaBackend::Version()};
  if (models.draft) key.draft = Identity(*models.draft);
  return key;
}

std::string CachePath(const ProfileKey& key) {
  namespace fs = std::filesystem;
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  fs::path folder;
  if (cache != nullptr && *cache == '/') {
    folder = cache;
  } else if (home != nullptr && *home != '\0') {
    folder = fs::path(home) / ".cache";
  } else {
    return {};
  }
  return (folder / "turbospec" / "profiles" / (CacheName(key) + ".json")).string();
}

Status KeepInCache(const CostProfile& profile) {
  if (profile.draft) KeepTargetAlone(profile);
  return WriteProfile(CachePath(profile.key), profile);
}

Result<Measurement> MeasureProfile(const EngineFlags& flags, LlamaModels& models,
                                   const Clock& clock, const MeasureOptions& options) {
  const bool full = options.mode == ProfileMode::kFull;
  const Seconds budget = options.budget > Seconds(0) ? options.budget
                         : full                      ? kFullBudget
                                                     : kQuickBudget;
  const Seconds start = clock.Now();
  const auto use_before = ReadCpuUse();
  CostProfile profile;
  profile.key = KeyOf(flags, models);
  profile.mode = options.mode;
  profile.measured_at = UtcNow();
  ProgressBar bar;
  if (models.draft) {
    auto draft = Measure(*models.draft, clock,
                         {.mode = options.mode, .budget = budget * kDraftShare}, bar, 0, 0.15);
    if (!draft.ok()) return draft.error();
    profile.draft = *std::move(draft);
  }
  // What the draft left over goes to the target.
  const Seconds left = std::max(budget - (clock.Now() - start), budget * (1 - kDraftShare));
  auto target = Measure(*models.target, clock, {.mode = options.mode, .budget = left}, bar,
                        models.draft ? 0.15 : 0, 1);
  if (!target.ok()) return target.error();
  profile.target = *std::move(target);
  return Measurement{.profile = profile,
                     .disturbance = Disturbance(use_before, clock.Now() - start, profile.key)};
}

Result<std::optional<CostProfile>> ObtainProfile(const EngineFlags& flags, LlamaModels& models,
                                                 const Clock& clock, const Note& note) {
  const ProfileKey wanted = KeyOf(flags, models);
  if (flags.profile != "auto" && flags.profile != "off") {
    auto named = FromFile(flags.profile, wanted);
    if (!named.ok()) return named.error();
    return std::optional(Fitted(*std::move(named), wanted));
  }
  const bool kept = flags.profile == "auto";
  const std::string path = kept ? CachePath(wanted) : "";
  if (auto cached = FromCache(path, wanted, note)) {
    return std::optional(Fitted(*std::move(cached), wanted));
  }
  if (!NeedsPrices(flags.speculation) || !models.target->info().can_truncate) {
    return std::optional<CostProfile>();
  }
  const Seconds budget = kept ? kQuickBudget : kCoarseBudget;
  note(fmt::format(
           "measuring what this machine takes for a pass of the models, at most about {:.0f} s",
           budget.count()) +
       (kept ? "; kept for the next start" : ""));
  auto measured = MeasureProfile(flags, models, clock, {.budget = budget});
  if (!measured.ok()) return measured.error();
  if (measured->disturbance) note(*measured->disturbance);
  if (!path.empty() && !measured->disturbance) {
    // Not a reason to refuse service.
    if (Status written = KeepInCache(measured->profile); !written.ok()) {
      note(written.error().message);
    }
  }
  return std::optional(std::move(measured->profile));
}

}  // namespace turbospec::cli
