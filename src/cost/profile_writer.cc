#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <system_error>
#include <utility>

#include "cost/cost_profile.h"
#include "cost/profile_words.h"

namespace turbospec {
namespace {

using Json = nlohmann::ordered_json;

Json ModelJson(const ProfiledModel& model) {
  return {{"name", model.name}, {"fingerprint", FingerprintText(model.fingerprint)}};
}

Json KeyJson(const ProfileKey& key) {
  return {{"target", ModelJson(key.target)},
          {"draft", key.draft ? ModelJson(*key.draft) : Json()},
          {"processor", key.processor},
          {"cores", key.cores},
          {"device", key.device},
          {"threads", key.threads},
          {"slots", key.slots},
          {"batch_rule", WordOf(key.batch_rule)},
          {"kv_type", key.kv_type},
          {"library", key.llama_version}};
}

Json GridJson(const CostGrid& grid) {
  Json seconds = Json::array(), measured = Json::array();
  for (std::size_t c = 0; c < grid.contexts.size(); ++c) {
    Json line = Json::array(), marks = Json::array();
    for (std::size_t r = 0; r < grid.rows.size(); ++r) {
      line.push_back(grid.at(c, r).count());
      marks.push_back(grid.measured[c * grid.rows.size() + r] != 0);
    }
    seconds.push_back(std::move(line));
    measured.push_back(std::move(marks));
  }
  return {{"contexts", grid.contexts},
          {"rows", grid.rows},
          {"seconds", std::move(seconds)},
          {"measured", std::move(measured)}};
}

Json CostsJson(const ModelCosts& costs) {
  Json checks = Json::array();
  for (const CostSample& check : costs.checks) {
    checks.push_back({{"sequences", check.shape.sequences},
                      {"rows", check.shape.rows},
                      {"mean_context", check.shape.mean_context},
                      {"seconds", check.seconds.count()}});
  }
  const bool spread = costs.tables.spread_sequences > 1;
  return {{"spread_sequences", costs.tables.spread_sequences},
          {"first_use_seconds", costs.first_use.count()},
          {"shape_change_seconds", costs.shape_change.count()},
          {"one", GridJson(costs.tables.one)},
          {"spread", spread ? GridJson(costs.tables.spread) : Json()},
          {"checks", std::move(checks)}};
}

std::string RandomSuffix() {
  std::random_device device;
  return "." + std::to_string(device()) + ".tmp";
}

Error CannotWrite(const std::string& path, const std::string& why) {
  return InvalidArgument("the profile \"" + path + "\" cannot be written: " + why);
}

}  // namespace

std::string ToJson(const CostProfile& profile) {
  const Json json = {{"turbospec_profile", kProfileVersion},
                     {"measured_at", profile.measured_at},
                     {"mode", WordOf(profile.mode)},
                     {"key", KeyJson(profile.key)},
                     {"target", CostsJson(profile.target)},
                     {"draft", profile.draft ? CostsJson(*profile.draft) : Json()},
                     {"host",
                      {{"seconds_per_step", profile.host.per_step.count()},
                       {"seconds_per_row", profile.host.per_row.count()}}}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Status WriteProfile(const std::string& path, const CostProfile& profile) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path folder = fs::path(path).parent_path();
  if (!folder.empty()) fs::create_directories(folder, failed);
  if (failed) return CannotWrite(path, failed.message());
  const fs::path temporary = path + RandomSuffix();
  {
    std::ofstream file(temporary, std::ios::binary);
    file << ToJson(profile);
    file.close();
    if (!file) {
      std::error_code ignored;
      fs::remove(temporary, ignored);
      return CannotWrite(path, "the folder is missing or read-only, or the disk is full");
    }
  }
  fs::rename(temporary, path, failed);
  if (!failed) return Ok();
  std::error_code ignored;
  fs::remove(temporary, ignored);
  return CannotWrite(path, failed.message());
}

}  // namespace turbospec
