#include "bench/compare/grid.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "core/json_object.h"

namespace turbospec::compare {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::string_view kPhases = "phases:";
constexpr const char* kEmbeddedTarget = "models/storypair-target-q8_0.gguf";
constexpr const char* kEmbeddedDraft = "models/storypair-draft-q8_0.gguf";

Result<std::string> ReadFile(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) {
    return NotFound("cannot read \"" + file.string() + "\"");
  }
  return text.str();
}

// FNV-1a, to tell one grid's journal from another's.
void Mix64(std::uint64_t& hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
}

// Reads one grid; the first fault ends it.
class Reader {
 public:
  Reader(VariableFn variable, Grid& grid) : variable_(variable), grid_(grid) {}

  Status Read(const json& object) {
    JsonObject fields(object);
    if (fields.Integer("turbospec_compare_grid", 1, 1'000'000) != kVersion) {
      return Unsupported("version of the grid format; this reader knows 1");
    }
    grid_.name = fields.Text("name");
    if (fields.Has("threads")) grid_.threads = Number(fields, "threads", 1, 1024);
    if (fields.Has("seed"))
      grid_.seed = static_cast<std::uint64_t>(Number(fields, "seed", 0, 1 << 30));
    ReadLimit(fields, "start_limit", grid_.start_limit);
    ReadLimit(fields, "request_limit", grid_.request_limit);
    if (fields.Has("slots")) {
      const std::string slots = fields.Text("slots");
      if (slots != "max" && slots != "per_load") fields.Fault("\"slots\" is max or per_load");
      grid_.most_slots = slots == "max";
    }
    if (fields.Has("split")) {
      const std::string split = fields.Text("split");
      if (split != "tune" && split != "held_out") fields.Fault("\"split\" is tune or held_out");
      grid_.split = split == "tune" ? Split::kTune : Split::kHeldOut;
    }
    grid_.workloads = fields.Text("workloads");
    const json& models = fields.Any("models");
    const json& servers = fields.Any("servers");
    const json& loads = fields.Any("loads");
    const json& mixes = fields.Any("mixes");
    const json no_versions = json::object();
    const json& versions = fields.Has("versions") ? fields.Any("versions") : no_versions;
    if (Status read = fields.Finish(); !read.ok()) return read;
    if (Status s = Each(models, "models", &Reader::ReadModel); !s.ok()) return s;
    if (Status s = Each(servers, "servers", &Reader::ReadServer); !s.ok()) return s;
    if (Status s = Each(loads, "loads", &Reader::ReadLoad); !s.ok()) return s;
    if (Status s = Each(mixes, "mixes", &Reader::ReadMix); !s.ok()) return s;
    if (Status s = ReadVersions(versions); !s.ok()) return s;
    return CheckNames();
  }

 private:
  static void ReadLimit(JsonObject& fields, const char* name, Seconds& limit) {
    if (!fields.Has(name)) return;
    limit = Seconds(fields.Number(name));
    if (!(limit > Seconds(0))) fields.Fault("\"" + std::string(name) + "\" must be above 0");
  }

  static double Share(JsonObject& fields, const char* name) {
    const double share = fields.Number(name);
    if (!(share >= 0 && share < 1)) {
      fields.Fault("\"" + std::string(name) + "\" must be at least 0 and below 1");
    }
    return share;
  }

  static int Number(JsonObject& fields, const char* name, int least, int most) {
    return static_cast<int>(fields.Integer(name, least, most));
  }

  Status Each(const json& list, const std::string& name, Status (Reader::*read)(JsonObject&)) {
    if (!list.is_array() || list.empty()) {
      return InvalidArgument("\"" + name + "\" is not a list with entries");
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string where = name + "[" + std::to_string(i) + "]: ";
      if (!list[i].is_object()) return InvalidArgument(where + "is not an object");
      JsonObject fields(list[i]);
      Status done = (this->*read)(fields);
      if (done.ok()) done = fields.Finish();
      if (!done.ok()) return Error{done.error().code, where + done.error().message};
    }
    return Ok();
  }

  // Replaces every ${NAME}; `needs` is the first that is not set.
  Result<std::string> Expand(const std::string& text, std::string& needs) const {
    std::string expanded;
    std::size_t begin = 0;
    for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", begin)) {
      const std::size_t end = text.find('}', at);
      if (end == std::string::npos) return InvalidArgument("\"" + text + "\": ${ without }");
      const std::string name = text.substr(at + 2, end - at - 2);
      const std::string value = variable_(name);
      if (value.empty() && needs.empty()) needs = name;
      expanded += text.substr(begin, at - begin) + value;
      begin = end + 1;
    }
    return expanded + text.substr(begin);
  }

  Result<std::string> ModelFile(const std::string& written, const char* embedded,
                                std::string& needs) const {
    return written == "embedded" ? Result<std::string>(embedded) : Expand(written, needs);
  }

  Status ReadModel(JsonObject& fields) {
    GridModel model{.name = fields.Text("name")};
    auto target = ModelFile(fields.Text("target"), kEmbeddedTarget, model.needs);
    if (!target.ok()) return target.error();
    auto draft = ModelFile(fields.Text("draft"), kEmbeddedDraft, model.needs);
    if (!draft.ok()) return draft.error();
    model.target = *target;
    model.draft = *draft;
    const auto optional = [&](const char* name, int& value, int least) {
      if (fields.Has(name)) value = Number(fields, name, least, 1'000'000);
    };
    optional("context", model.context, 1);
    optional("rounds", model.rounds, 1);
    optional("requests_per_client", model.requests_per_client, 1);
    optional("least_requests", model.least_requests, 1);
    optional("max_tokens", model.max_tokens, 1);
    optional("warm_up_tokens", model.warm_up_tokens, 1);
    if (fields.Has("length_spread")) model.length_spread = Share(fields, "length_spread");
    if (fields.Has("note")) model.note = fields.Text("note");
    grid_.models.push_back(std::move(model));
    return Ok();
  }

  Result<std::vector<std::string>> ReadCommand(const json& command) const {
    if (!command.is_array() || command.empty()) {
      return InvalidArgument("\"command\" is not a list of words");
    }
    std::vector<std::string> words;
    for (const json& word : command) {
      if (!word.is_string()) return InvalidArgument("a command has a word that is no text");
      std::string needs;
      auto expanded = Expand(word.get<std::string>(), needs);
      if (!expanded.ok()) return expanded.error();
      if (!needs.empty()) return InvalidArgument("needs the environment variable " + needs);
      words.push_back(*std::move(expanded));
    }
    return words;
  }

  Status ReadServer(JsonObject& fields) {
    GridServer server{.name = fields.Text("name"), .group = fields.Text("group")};
    auto command = ReadCommand(fields.Any("command"));
    if (!command.ok()) return command.error();
    server.command = *std::move(command);
    if (fields.Has("baseline")) {
      const json& baseline = fields.Any("baseline");
      if (baseline.is_boolean()) {
        server.baseline = baseline.get<bool>();
      } else {
        server.own_baseline = fields.Text("baseline");
      }
    }
    if (fields.Has("static")) {
      const json& hand_tuned = fields.Any("static");
      if (!hand_tuned.is_boolean()) return InvalidArgument("\"static\" is not true or false");
      server.hand_tuned = hand_tuned.get<bool>();
    }
    grid_.servers.push_back(std::move(server));
    return Ok();
  }

  // {"turbospec": ["turbospec", "--version"]}
  Status ReadVersions(const json& versions) {
    if (!versions.is_object()) return InvalidArgument("\"versions\" is not an object");
    for (const auto& [group, words] : versions.items()) {
      auto command = ReadCommand(words);
      if (!command.ok()) return InvalidArgument("versions: " + command.error().message);
      grid_.versions.push_back({.group = group, .command = *std::move(command)});
    }
    return Ok();
  }

  Status ReadLoad(JsonObject& fields) {
    GridLoad load;
    std::string arrivals;
    if (fields.Has("clients")) {
      load.clients = Number(fields, "clients", 1, 100'000);
      load.slots = load.clients;
      arrivals = "closed:" + std::to_string(load.clients);
      load.name = std::to_string(load.clients);
    } else {
      arrivals = fields.Text("arrivals");
      load.name = fields.Text("name");
      load.seconds = Seconds(fields.Number("seconds"));
      if (!(load.seconds > Seconds(0))) fields.Fault("\"seconds\" must be above 0");
      load.slots = Number(fields, "slots", 1, 100'000);
    }
    auto plan = LoadArrivalPlan(arrivals);
    if (!plan.ok()) return plan.error();
    if (arrivals.starts_with(kPhases)) {
      auto text = ReadFile(arrivals.substr(kPhases.size()));
      if (!text.ok()) return text.error();
      Mix64(grid_.fingerprint, *text);
    }
    load.arrivals = *std::move(plan);
    load.own_mix = std::ranges::none_of(
        load.arrivals.phases, [](const ArrivalPhase& phase) { return phase.mix.shares.empty(); });
    grid_.loads.push_back(std::move(load));
    return Ok();
  }

  Status ReadMix(JsonObject& fields) {
    GridMix mix{.name = fields.Text("name")};
    if (mix.name == kOwnMix) fields.Fault("no mix may be named \"" + mix.name + "\"");
    auto parsed = ParseMix(fields.Has("mix") ? fields.Text("mix") : mix.name);
    if (!parsed.ok()) return parsed.error();
    mix.mix = *std::move(parsed);
    grid_.mixes.push_back(std::move(mix));
    return Ok();
  }

  template <class T>
  static Status Distinct(const std::vector<T>& entries, const std::string& what) {
    std::set<std::string> names;
    for (const T& entry : entries) {
      if (!names.insert(entry.name).second) {
        return InvalidArgument("two " + what + " have the name \"" + entry.name + "\"");
      }
    }
    return Ok();
  }

  Status CheckNames() const {
    if (Status s = Distinct(grid_.models, "models"); !s.ok()) return s;
    if (Status s = Distinct(grid_.servers, "servers"); !s.ok()) return s;
    if (Status s = Distinct(grid_.loads, "loads"); !s.ok()) return s;
    if (Status s = Distinct(grid_.mixes, "mixes"); !s.ok()) return s;
    if (std::ranges::count_if(grid_.servers, &GridServer::baseline) != 1) {
      return InvalidArgument("exactly one server must be the \"baseline\" (no speculation)");
    }
    for (const GridServer& server : grid_.servers) {
      const auto filled = FillCommand(grid_, server, grid_.models.front(), 1, 1);
      if (!filled.ok()) return filled.error();
      const std::string& other = server.own_baseline;
      if (other.empty() || std::ranges::count(grid_.servers, other, &GridServer::name) == 1)
        continue;
      return InvalidArgument("server \"" + server.name + "\": its baseline \"" + other +
                             "\" is no server of the grid");
    }
    return Ok();
  }

  VariableFn variable_;
  Grid& grid_;
};

std::string FromEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

}  // namespace

Result<Grid> ReadGrid(std::string_view text, std::string_view source, VariableFn variable) {
  Grid grid;
  grid.fingerprint = 0xcbf29ce484222325u;
  Mix64(grid.fingerprint, text);
  auto object = ParseJsonObject(text);
  Status read = object.ok() ? Reader(variable, grid).Read(*object) : Status(object.error());
  if (!read.ok()) {
    return Error{read.error().code, std::string(source) + ": " + read.error().message};
  }
  return grid;
}

int SlotsFor(const Grid& grid, const GridLoad& load) {
  if (!grid.most_slots) return load.slots;
  return std::ranges::max_element(grid.loads, {}, &GridLoad::slots)->slots;
}

std::vector<GridMix> MixesFor(const Grid& grid, const GridLoad& load) {
  if (load.own_mix) return {{.name = kOwnMix, .mix = {}}};
  return grid.mixes;
}

Result<Grid> LoadGrid(const std::filesystem::path& file) {
  auto text = ReadFile(file);
  if (!text.ok()) return text.error();
  return ReadGrid(*text, file.string(), FromEnvironment);
}

Result<std::vector<std::string>> FillCommand(const Grid& grid, const GridServer& server,
                                             const GridModel& model, int slots, int port) {
  const std::map<std::string, std::string> values = {
      {"target", model.target},
      {"draft", model.draft},
      {"slots", std::to_string(slots)},
      {"context", std::to_string(model.context)},
      {"total_context", std::to_string(model.context * slots)},
      {"threads", std::to_string(grid.threads)},
      {"port", std::to_string(port)}};
  std::vector<std::string> filled;
  for (const std::string& word : server.command) {
    if (word.size() > 2 && word.front() == '{' && word.back() == '}') {
      const auto value = values.find(word.substr(1, word.size() - 2));
      if (value == values.end()) {
        return InvalidArgument("server \"" + server.name + "\": unknown placeholder " + word);
      }
      filled.push_back(value->second);
    } else {
      filled.push_back(word);
    }
  }
  return filled;
}

}  // namespace turbospec::compare
