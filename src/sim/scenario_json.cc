#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "core/json_object.h"
#include "sim/scenario.h"

namespace turbospec {

using nlohmann::json;

namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kMaxFileBytes = 4u << 20;
constexpr std::int64_t kMost = 1'000'000'000;

// Fields that may be left out, each of which then keeps its default. Every reader of a part returns
// its first fault with the part's name.
class Fields {
 public:
  explicit Fields(const json& object) : object_(object) {}

  void Read(const std::string& name, double& value) {
    if (object_.Has(name)) value = object_.Number(name);
  }
  void Read(const std::string& name, Seconds& value) {
    if (object_.Has(name)) value = Seconds(object_.Number(name));
  }
  void Read(const std::string& name, int& value) {
    if (object_.Has(name)) value = static_cast<int>(object_.Integer(name, 0, kMost));
  }
  void Read(const std::string& name, std::int64_t& value) {
    if (object_.Has(name)) value = object_.Integer(name, 0, INT64_MAX);
  }
  void Read(const std::string& name, std::string& value) {
    if (object_.Has(name)) value = object_.Text(name);
  }
  void Read(const std::string& name, bool& value) {
    if (!object_.Has(name)) return;
    const json& field = object_.Any(name);
    if (!field.is_boolean()) return object_.Fault("\"" + name + "\" must be true or false");
    value = field.get<bool>();
  }
  // One of two words.
  template <class T>
  void Choose(const std::string& name, T& value, const std::pair<const char*, T>& one,
              const std::pair<const char*, T>& other) {
    if (!object_.Has(name)) return;
    const std::string word = object_.Text(name);
    if (word != one.first && word != other.first) {
      return object_.Fault("\"" + name + "\" must be \"" + one.first + "\" or \"" + other.first +
                           "\"");
    }
    value = word == one.first ? one.second : other.second;
  }
  // A part that is an object of its own.
  template <class Reader>
  void Part(const std::string& name, Reader read) {
    if (!object_.Has(name)) return;
    const json& part = object_.Any(name);
    if (!part.is_object()) return object_.Fault("\"" + name + "\" must be an object");
    Fields fields(part);
    read(fields);
    if (Status status = fields.Finish(); !status.ok()) {
      object_.Fault("\"" + name + "\": " + status.error().message);
    }
  }
  // A list of parts.
  template <class Reader>
  void List(const std::string& name, Reader read) {
    if (!object_.Has(name)) return;
    const json& list = object_.Any(name);
    if (!list.is_array()) return object_.Fault("\"" + name + "\" must be a list");
    for (const json& each : list) {
      if (Status status = read(each); !status.ok()) {
        return object_.Fault("\"" + name + "\": " + status.error().message);
      }
    }
  }
  JsonObject& object() { return object_; }
  Status Finish() { return object_.Finish(); }

 private:
  JsonObject object_;
};

// [number, number]
Status ReadPair(const json& pair, double& first, double& second) {
  if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number() || !pair[1].is_number()) {
    return InvalidArgument("each entry must be a pair of numbers");
  }
  first = pair[0].get<double>();
  second = pair[1].get<double>();
  return Ok();
}

void ReadCost(Fields& fields, CostOptions& cost) {
  fields.Read("surface", cost.surface);
  fields.Read("scale", cost.scale);
  fields.Read("per_context_token", cost.per_context_token);
  fields.List("points", [&](const json& each) -> Status {
    double rows = 0, seconds = 0;
    if (Status pair = ReadPair(each, rows, seconds); !pair.ok()) return pair;
    if (!(rows >= 1 && rows <= 1e6)) return InvalidArgument("rows must be from 1 to 1000000");
    cost.points.emplace_back(static_cast<int>(rows), Seconds(seconds));
    return Ok();
  });
}

void ReadAcceptance(Fields& fields, TrueAcceptance& options) {
  fields.Read("acceptance", options.acceptance);
  fields.Read("depth_decay", options.depth_decay);
  fields.Read("request_spread", options.request_spread);
  fields.Read("token_spread", options.token_spread);
  fields.Read("confidence_noise", options.confidence_noise);
  fields.Read("confidence_bias", options.confidence_bias);
  fields.Read("drift", options.drift);
  fields.Read("drift_period", options.drift_period);
  fields.List("acceptance_from", [&](const json& each) -> Status {
    double from = 0;
    AcceptancePhase phase;
    if (Status pair = ReadPair(each, from, phase.acceptance); !pair.ok()) return pair;
    phase.from = Seconds(from);
    options.phases.push_back(phase);
    return Ok();
  });
}

Status ReadClass(const json& object, Scenario& scenario) {
  if (!object.is_object()) return InvalidArgument("a class must be an object");
  RequestClass read;
  Fields fields(object);
  fields.Read("name", read.name);
  fields.Read("share", read.share);
  fields.Read("prompt_tokens", read.prompt_tokens);
  fields.Read("output_tokens", read.output_tokens);
  fields.Read("length_spread", read.length_spread);
  ReadAcceptance(fields, read.acceptance);
  fields.Part("copy", [&](Fields& part) {
    part.Read("share", read.copy.share);
    part.Read("run", read.copy.run);
    part.Read("fidelity", read.copy.fidelity);
  });
  scenario.classes.push_back(std::move(read));
  return fields.Finish();
}

void ReadMachine(Fields& fields, Scenario& scenario) {
  fields.Read("replicas", scenario.replicas);
  fields.Choose("router", scenario.router, {"round_robin", Router::kRoundRobin},
                {"least_loaded", Router::kLeastLoaded});
  fields.Read("slots", scenario.slots);
  fields.Read("context", scenario.context_per_slot);
  fields.Read("prefill_rows", scenario.prefill_rows_per_step);
  fields.Choose("batch_rule", scenario.rule, {"one_pass", BatchRule::kOnePass},
                {"equal_length", BatchRule::kEqualLength});
  fields.Part("target", [&](Fields& part) { ReadCost(part, scenario.target); });
  fields.Read("draft_model", scenario.draft_model);
  fields.Read("lookup", scenario.lookup);
  fields.Read("draft_ratio", scenario.draft_ratio);
  scenario.own_draft_cost = fields.object().Has("draft");
  fields.Part("draft", [&](Fields& part) { ReadCost(part, scenario.draft); });
  fields.Read("host_per_step", scenario.host_per_step);
  fields.Read("host_per_row", scenario.host_per_row);
  fields.Part("noise", [&](Fields& part) {
    part.Read("scatter", scenario.noise.scatter);
    part.Read("stall_period", scenario.noise.stall_period);
    part.Read("stall", scenario.noise.stall);
    part.Read("neighbour_period", scenario.noise.neighbour_period);
    part.Read("neighbour_factor", scenario.noise.neighbour_factor);
  });
}

// Text, or the phases themselves.
void ReadArrivals(Fields& fields, Scenario& scenario) {
  if (!fields.object().Has("arrivals")) return;
  const json& arrivals = fields.object().Any("arrivals");
  if (arrivals.is_object()) {
    scenario.arrivals = arrivals.dump();
  } else {
    fields.Read("arrivals", scenario.arrivals);
  }
}

Result<Scenario> ReadObject(std::string_view text) {
  auto object = ParseJsonObject(text);
  if (!object.ok()) return object.error();
  Fields fields(*object);
  const std::int64_t version = fields.object().Integer("turbospec_scenario", 0, INT32_MAX);
  if (fields.object().Has("turbospec_scenario") && version != kVersion) {
    fields.object().Fault("version " + std::to_string(version) +
                          " of the scenario format; this reader knows " + std::to_string(kVersion));
  }
  Scenario scenario;
  fields.Read("name", scenario.name);
  ReadMachine(fields, scenario);
  if (fields.object().Has("classes")) scenario.classes.clear();
  fields.List("classes", [&](const json& each) { return ReadClass(each, scenario); });
  ReadArrivals(fields, scenario);
  fields.Read("balanced", scenario.balanced);
  fields.Read("workload", scenario.workload);
  fields.Read("max_waiting", scenario.max_waiting);
  fields.Read("told_slope", scenario.told_slope);
  // Somebody who gives a time does not mean our number of steps.
  if (fields.object().Has("seconds")) scenario.steps = 0;
  fields.Read("steps", scenario.steps);
  fields.Read("seconds", scenario.seconds);
  fields.Read("warm_up_steps", scenario.warm_up_steps);
  fields.Read("warm_up", scenario.warm_up);
  std::int64_t seed = static_cast<std::int64_t>(scenario.seed);
  fields.Read("seed", seed);
  scenario.seed = static_cast<std::uint64_t>(seed);
  if (Status read = fields.Finish(); !read.ok()) return read.error();
  if (Status valid = Validate(scenario); !valid.ok()) return valid.error();
  return scenario;
}

}  // namespace

Result<Scenario> ReadScenario(std::string_view text, std::string_view source) {
  auto scenario = ReadObject(text);
  if (!scenario.ok()) return InvalidArgument(std::string(source) + ": " + scenario.error().message);
  return scenario;
}

Result<Scenario> LoadScenario(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return NotFound("cannot read the scenario \"" + file.string() + "\"");
  std::string content;
  for (auto byte = std::istreambuf_iterator<char>(in); byte != std::istreambuf_iterator<char>();
       ++byte) {
    if (content.size() == kMaxFileBytes) return InvalidArgument(file.string() + ": above 4 MiB");
    content.push_back(*byte);
  }
  return ReadScenario(content, file.string());
}

}  // namespace turbospec
