// What one machine takes for the passes of a model pair: measured by src/profile, kept in a file
// (docs/profile_format.md), read at start-up. A plain value. Reading and writing costs
// milliseconds; nothing here measures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "cost/cost_surface.h"
#include "cost/host_cost.h"

namespace turbospec {

struct ProfiledModel {
  std::string name{};             // for people
  std::uint64_t fingerprint = 0;  // ModelInfo::fingerprint

  friend bool operator==(const ProfiledModel&, const ProfiledModel&) = default;
};

// What a profile is valid for.
struct ProfileKey {
  ProfiledModel target{};
  std::optional<ProfiledModel> draft{};
  std::string processor{};  // "Intel(R) Xeon(R) ..."
  int cores = 0;            // hardware threads of the machine
  std::string device{};     // "cpu", or GPUs and the layers on them
  int threads = 0;
  int slots = 0;  // a profile of more slots than asked for fits
  BatchRule batch_rule = BatchRule::kOnePass;
  std::string kv_type{};
  std::string llama_version{};  // "libllama 0.7.0"

  friend bool operator==(const ProfileKey&, const ProfileKey&) = default;
};

enum class ProfileMode { kQuick, kFull };

struct ModelCosts {
  CostTables tables{};
  // What the first pass of a shape costs more than later ones (graphs, kernels), median; >= 0.
  Seconds first_use{0};
  // What a pass costs more when the one before had another shape, so that its graph cannot be used
  // again; median; >= 0. Not part of the tables.
  Seconds shape_change{0};
  // Shapes between the grid points, measured after it: what the surface and the paper's line are
  // judged by. Not part of the surface.
  std::vector<CostSample> checks{};

  friend bool operator==(const ModelCosts&, const ModelCosts&) = default;
};

struct CostProfile {
  ProfileKey key{};
  ProfileMode mode = ProfileMode::kQuick;
  std::string measured_at{};  // UTC, "2026-11-24T21:16:00Z"
  ModelCosts target{};
  std::optional<ModelCosts> draft{};  // exactly where key.draft is
  HostRates host{};

  friend bool operator==(const CostProfile&, const CostProfile&) = default;
};

// Why the profile cannot be used for `wanted`, in words; nothing when it can. The draft of the
// profile may be missing from `wanted`, never the other way round.
std::optional<std::string> Mismatch(const ProfileKey& profile, const ProfileKey& wanted);

// A name for a cache file: models, machine and settings, without slots. 16 hexadecimal digits.
std::string CacheName(const ProfileKey& key);

std::string ToJson(const CostProfile& profile);
// Strict: another version, a missing or unknown field, a time that is not positive and finite, an
// unsorted grid or a cut-off text is kInvalidArgument with what is wrong and what to do.
Result<CostProfile> ParseProfile(std::string_view json);

// kNotFound names the file.
Result<CostProfile> ReadProfile(const std::string& path);
// Through a temporary file beside it, so that a reader sees the old profile or the new one. Makes
// missing folders.
Status WriteProfile(const std::string& path, const CostProfile& profile);

}  // namespace turbospec
