#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <utility>

#include "core/json_object.h"
#include "cost/cost_profile.h"
#include "cost/profile_words.h"

namespace turbospec {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxFileBytes = 4U << 20;
constexpr int kMaxCount = 1 << 20;

// An Error's message gets the place in front of it.
Error In(const std::string& place, const Error& error) {
  return InvalidArgument("\"" + place + "\": " + error.message);
}

Status ReadTime(JsonObject& fields, const std::string& name, bool zero_allowed, Seconds& time) {
  time = Seconds(fields.Number(name));
  if (!std::isfinite(time.count()) || time.count() < 0 || (time.count() == 0 && !zero_allowed)) {
    fields.Fault("\"" + name + "\" must be a time in seconds, not " + fields.Any(name).dump());
  }
  return fields.FirstFault();
}

Result<ProfiledModel> ReadModel(const json& value) {
  if (!value.is_object()) return InvalidArgument("must be an object");
  JsonObject fields(value);
  ProfiledModel model{.name = fields.Text("name")};
  const std::string text = fields.Text("fingerprint");
  const char* const last = text.data() + text.size();
  const auto [end, failed] = std::from_chars(text.data(), last, model.fingerprint, 16);
  if (text.size() != 16 || failed != std::errc() || end != last) {
    fields.Fault("\"fingerprint\" must be 16 hexadecimal digits");
  }
  if (Status read = fields.Finish(); !read.ok()) return read.error();
  return model;
}

Status ReadWords(JsonObject& fields, ProfileKey& key) {
  key.processor = fields.Text("processor");
  key.cores = static_cast<int>(fields.Integer("cores", 1, kMaxCount));
  key.device = fields.Text("device");
  key.threads = static_cast<int>(fields.Integer("threads", 1, kMaxCount));
  key.slots = static_cast<int>(fields.Integer("slots", 1, kMaxCount));
  const std::string rule = fields.Text("batch_rule");
  key.batch_rule =
      rule == WordOf(BatchRule::kOnePass) ? BatchRule::kOnePass : BatchRule::kEqualLength;
  if (rule != WordOf(key.batch_rule)) {
    fields.Fault("\"batch_rule\" must be \"one_pass\" or \"equal_length\"");
  }
  key.kv_type = fields.Text("kv_type");
  key.llama_version = fields.Text("library");
  return fields.Finish();
}

Result<ProfileKey> ReadKey(const json& value) {
  if (!value.is_object()) return InvalidArgument("must be an object");
  JsonObject fields(value);
  ProfileKey key;
  auto target = ReadModel(fields.Any("target"));
  if (!target.ok()) return In("target", target.error());
  key.target = *std::move(target);
  if (const json& draft = fields.Any("draft"); !draft.is_null() || !fields.Has("draft")) {
    auto model = ReadModel(draft);
    if (!model.ok()) return In("draft", model.error());
    key.draft = *std::move(model);
  }
  if (Status read = ReadWords(fields, key); !read.ok()) return read.error();
  return key;
}

template <class T, class Accept>
Result<std::vector<T>> ReadList(const json& value, const Accept& accepted, const char* wanted) {
  std::vector<T> list;
  if (!value.is_array()) return InvalidArgument("must be a list of " + std::string(wanted));
  for (const json& element : value) {
    if (!accepted(element)) {
      return InvalidArgument("must be a list of " + std::string(wanted) + ", not " +
                             element.dump().substr(0, 40));
    }
    list.push_back(element.get<T>());
  }
  return list;
}

// A line per context, each with a value per row count, in one list.
template <class T, class Accept>
Status ReadTable(JsonObject& fields, const std::string& name, std::size_t width,
                 const Accept& accepted, const char* wanted, std::vector<T>& table) {
  const json& lines = fields.Any(name);
  if (!lines.is_array()) return InvalidArgument("\"" + name + "\" must be a list of lists");
  for (const json& line : lines) {
    auto values = ReadList<T>(line, accepted, wanted);
    if (!values.ok()) return In(name, values.error());
    if (values->size() != width) {
      return InvalidArgument("\"" + name + "\" needs one value per row count in each line");
    }
    table.insert(table.end(), values->begin(), values->end());
  }
  return Ok();
}

bool IsRowCount(const json& value) {
  return value.is_number_integer() && value >= 1 && value <= kMaxCount;
}

Result<CostGrid> ReadGrid(const json& value) {
  if (!value.is_object()) return InvalidArgument("must be an object");
  JsonObject fields(value);
  CostGrid grid;
  const auto is_number = [](const json& v) { return v.is_number(); };
  auto contexts = ReadList<double>(fields.Any("contexts"), is_number, "numbers");
  if (!contexts.ok()) return In("contexts", contexts.error());
  auto rows = ReadList<int>(fields.Any("rows"), IsRowCount, "row counts");
  if (!rows.ok()) return In("rows", rows.error());
  std::vector<double> seconds;
  std::vector<bool> measured;
  if (Status read = ReadTable(fields, "seconds", rows->size(), is_number, "numbers", seconds);
      !read.ok()) {
    return read.error();
  }
  const auto is_bool = [](const json& v) { return v.is_boolean(); };
  if (Status read = ReadTable(fields, "measured", rows->size(), is_bool, "true or false", measured);
      !read.ok()) {
    return read.error();
  }
  grid.contexts = *std::move(contexts);
  grid.rows = *std::move(rows);
  for (const double time : seconds) grid.seconds.emplace_back(time);
  grid.measured.assign(measured.begin(), measured.end());
  if (Status read = fields.Finish(); !read.ok()) return read.error();
  return grid;
}

Result<CostSample> ReadCheck(const json& value) {
  if (!value.is_object()) return InvalidArgument("must be an object");
  JsonObject fields(value);
  CostSample check;
  check.shape.sequences = static_cast<int>(fields.Integer("sequences", 1, kMaxCount));
  check.shape.rows = static_cast<int>(fields.Integer("rows", 1, kMaxCount));
  check.shape.mean_context = fields.Number("mean_context");
  if (!(check.shape.mean_context > 0)) fields.Fault("\"mean_context\" must be above 0");
  if (Status read = ReadTime(fields, "seconds", false, check.seconds); !read.ok()) {
    return read.error();
  }
  if (Status read = fields.Finish(); !read.ok()) return read.error();
  return check;
}

Result<CostTables> ReadTables(JsonObject& fields) {
  CostTables tables;
  tables.spread_sequences = static_cast<int>(fields.Integer("spread_sequences", 1, 1 << 16));
  auto one = ReadGrid(fields.Any("one"));
  if (!one.ok()) return In("one", one.error());
  tables.one = *std::move(one);
  if (const json& spread = fields.Any("spread"); !spread.is_null()) {
    auto grid = ReadGrid(spread);
    if (!grid.ok()) return In("spread", grid.error());
    tables.spread = *std::move(grid);
  }
  if (Status read = fields.FirstFault(); !read.ok()) return read.error();
  if (Status valid = Validate(tables); !valid.ok()) return valid.error();
  return tables;
}

Result<ModelCosts> ReadCosts(const json& value) {
  if (!value.is_object()) return InvalidArgument("must be an object");
  JsonObject fields(value);
  ModelCosts costs;
  auto tables = ReadTables(fields);
  if (!tables.ok()) return tables.error();
  costs.tables = *std::move(tables);
  if (Status read = ReadTime(fields, "first_use_seconds", true, costs.first_use); !read.ok()) {
    return read.error();
  }
  if (Status read = ReadTime(fields, "shape_change_seconds", true, costs.shape_change);
      !read.ok()) {
    return read.error();
  }
  const json& checks = fields.Any("checks");
  if (!checks.is_array()) fields.Fault("\"checks\" must be a list");
  for (const json& value_of_check : checks) {
    auto check = ReadCheck(value_of_check);
    if (!check.ok()) return In("checks", check.error());
    costs.checks.push_back(*std::move(check));
  }
  if (Status read = fields.Finish(); !read.ok()) return read.error();
  return costs;
}

Status ReadHost(const json& value, HostRates& host) {
  if (!value.is_object()) return InvalidArgument("must be an object");
  JsonObject fields(value);
  if (Status read = ReadTime(fields, "seconds_per_step", true, host.per_step); !read.ok()) {
    return read;
  }
  if (Status read = ReadTime(fields, "seconds_per_row", true, host.per_row); !read.ok()) {
    return read;
  }
  return fields.Finish();
}

Result<CostProfile> ReadFields(JsonObject& fields) {
  CostProfile profile;
  profile.measured_at = fields.Text("measured_at");
  const std::string mode = fields.Text("mode");
  profile.mode = mode == WordOf(ProfileMode::kFull) ? ProfileMode::kFull : ProfileMode::kQuick;
  if (mode != WordOf(profile.mode)) fields.Fault("\"mode\" must be \"quick\" or \"full\"");
  auto key = ReadKey(fields.Any("key"));
  if (!key.ok()) return In("key", key.error());
  profile.key = *std::move(key);
  auto target = ReadCosts(fields.Any("target"));
  if (!target.ok()) return In("target", target.error());
  profile.target = *std::move(target);
  if (const json& draft = fields.Any("draft"); !draft.is_null()) {
    auto costs = ReadCosts(draft);
    if (!costs.ok()) return In("draft", costs.error());
    profile.draft = *std::move(costs);
  }
  if (profile.draft.has_value() != profile.key.draft.has_value()) {
    fields.Fault("\"draft\" and \"key\".\"draft\" must both be there or both be null");
  }
  if (Status host = ReadHost(fields.Any("host"), profile.host); !host.ok()) {
    return In("host", host.error());
  }
  if (Status read = fields.Finish(); !read.ok()) return read.error();
  return profile;
}

Result<CostProfile> ParseText(std::string_view text) {
  auto object = ParseJsonObject(text);
  if (!object.ok()) return InvalidArgument("it is " + object.error().message + " (cut off?)");
  JsonObject fields(*object);
  if (!fields.Has("turbospec_profile")) {
    return InvalidArgument("it is not a profile: the field \"turbospec_profile\" is missing");
  }
  const json& version = fields.Any("turbospec_profile");
  if (version != kProfileVersion) {
    return InvalidArgument("it has version " + version.dump().substr(0, 40) +
                           ", this program reads version " + std::to_string(kProfileVersion));
  }
  return ReadFields(fields);
}

}  // namespace

Result<CostProfile> ParseProfile(std::string_view text) {
  auto profile = ParseText(text);
  if (profile.ok()) return profile;
  return InvalidArgument("the profile cannot be used: " + profile.error().message +
                         "; measure anew with `turbospec profile`");
}

Result<CostProfile> ReadProfile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (file) {
    text.resize(kMaxFileBytes + 1);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof() && text.empty()) {
    return NotFound("the profile \"" + path +
                    "\" cannot be read; measure one with `turbospec profile --out " + path + "`");
  }
  if (text.size() > kMaxFileBytes) {
    return InvalidArgument(path +
                           ": too large for a profile; measure anew with `turbospec profile`");
  }
  auto profile = ParseProfile(text);
  if (!profile.ok()) return InvalidArgument(path + ": " + profile.error().message);
  return profile;
}

}  // namespace turbospec
