#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "core/json_object.h"
#include "workload/arrival_plan.h"

namespace turbospec {

using nlohmann::json;

namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kMaxPhases = 10'000;
constexpr std::size_t kMaxFileBytes = 16u << 20;
constexpr std::string_view kFileForm = "phases:";

// The load of a phase in the written form, whichever field gives it.
std::string WrittenLoad(JsonObject& fields) {
  const bool clients = fields.Has("clients"), rate = fields.Has("rate"),
             arrivals = fields.Has("arrivals");
  if (clients + rate + arrivals != 1) {
    fields.Fault("exactly one of \"clients\", \"rate\" and \"arrivals\" is needed");
    return {};
  }
  if (clients) return "closed:" + std::to_string(fields.Integer("clients", 1, 100'000));
  if (arrivals) return fields.Text("arrivals");
  fields.Number("rate");
  return "poisson:" + fields.Any("rate").dump();
}

Result<ArrivalPhase> ReadPhase(const json& value) {
  if (!value.is_object()) return InvalidArgument("must be an object");
  JsonObject fields(value);
  const double duration = fields.Number("duration");
  if (!(duration > 0 && duration <= 1e9)) {
    fields.Fault("\"duration\" must be above 0, at most 1e9 seconds");
  }
  const std::string load = WrittenLoad(fields);
  const std::string mix_text = fields.Has("mix") ? fields.Text("mix") : "";
  if (Status read = fields.Finish(); !read) return read.error();

  Result<Mix> mix = ParseMix(mix_text);
  if (!mix) return mix.error();
  Result<ArrivalPlan> plan = ParseArrivalPlan(load);
  if (!plan) return plan.error();
  ArrivalPhase phase = std::move(plan->phases.front());
  phase.duration = Seconds(duration);
  phase.mix = *std::move(mix);
  return phase;
}

Result<ArrivalPlan> ReadPhases(const json& list) {
  if (!list.is_array() || list.empty() || list.size() > kMaxPhases) {
    return InvalidArgument("\"phases\" must be a list of 1 to " + std::to_string(kMaxPhases) +
                           " phases");
  }
  ArrivalPlan plan;
  for (const json& value : list) {
    Result<ArrivalPhase> phase = ReadPhase(value);
    if (!phase) {
      return InvalidArgument("phase " + std::to_string(plan.phases.size() + 1) + ": " +
                             phase.error().message);
    }
    plan.phases.push_back(*std::move(phase));
  }
  return plan;
}

Result<ArrivalPlan> ReadFile(std::string_view text) {
  Result<json> object = ParseJsonObject(text);
  if (!object) return object.error();
  JsonObject fields(*object);
  const std::int64_t version = fields.Integer("turbospec_phases", 0, INT32_MAX);
  if (fields.Has("turbospec_phases") && version != kVersion) {
    fields.Fault("version " + std::to_string(version) +
                 " of the phases format; this reader knows " + std::to_string(kVersion));
  }
  const json& list = fields.Any("phases");
  if (Status read = fields.Finish(); !read) return read.error();
  return ReadPhases(list);
}

}  // namespace

Result<ArrivalPlan> ParsePhases(std::string_view text, std::string_view source) {
  Result<ArrivalPlan> plan = ReadFile(text);
  if (!plan) return InvalidArgument(std::string(source) + ": " + plan.error().message);
  return plan;
}

Result<ArrivalPlan> LoadArrivalPlan(std::string_view text) {
  if (!text.starts_with(kFileForm)) return ParseArrivalPlan(text);
  const std::string path(text.substr(kFileForm.size()));
  std::ifstream in(path, std::ios::binary);
  if (!in) return NotFound("arrivals: cannot open \"" + path + "\"");
  std::string content;
  for (auto byte = std::istreambuf_iterator<char>(in); byte != std::istreambuf_iterator<char>();
       ++byte) {
    if (content.size() == kMaxFileBytes) return InvalidArgument(path + ": larger than 16 MiB");
    content.push_back(*byte);
  }
  return ParsePhases(content, path);
}

}  // namespace turbospec
