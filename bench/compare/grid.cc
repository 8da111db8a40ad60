#include "compare/grid.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "core/json_object.h"
#include "core/random.h"

namespace turbospec::compare {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;

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
    if (fields.Has("start_limit")) grid_.start_limit = Seconds(fields.Number("start_limit"));
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
    if (Status read = fields.Finish(); !read.ok()) return read;
    if (Status s = Each(models, "models", &Reader::ReadModel); !s.ok()) return s;
    if (Status s = Each(servers, "servers", &Reader::ReadServer); !s.ok()) return s;
    if (Status s = Each(loads, "loads", &Reader::ReadLoad); !s.ok()) return s;
    if (Status s = Each(mixes, "mixes", &Reader::ReadMix); !s.ok()) return s;
    return CheckNames();
  }

 private:
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

  // Replaces every ${NAME}.
  Result<std::string> Expand(const std::string& text) const {
    std::string expanded = text;
    for (std::size_t at = expanded.find("${"); at != std::string::npos; at = expanded.find("${")) {
      const std::size_t end = expanded.find('}', at);
      if (end == std::string::npos) return InvalidArgument("\"" + text + "\": ${ without }");
      const std::string name = expanded.substr(at + 2, end - at - 2);
      const std::string value = variable_(name);
      if (value.empty()) {
        return InvalidArgument("\"" + text + "\" needs the environment variable " + name);
      }
      expanded.replace(at, end + 1 - at, value);
    }
    return expanded;
  }

  Status ReadModel(JsonObject& fields) {
    GridModel model{.name = fields.Text("name")};
    auto target = Expand(fields.Text("target"));
    if (!target.ok()) return target.error();
    auto draft = Expand(fields.Text("draft"));
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
    if (fields.Has("note")) model.note = fields.Text("note");
    grid_.models.push_back(std::move(model));
    return Ok();
  }

  static Result<bool> Flag(JsonObject& fields, const char* name) {
    if (!fields.Has(name)) return false;
    const json& value = fields.Any(name);
    if (!value.is_boolean()) {
      return InvalidArgument("\"" + std::string(name) + "\" is not true or false");
    }
    return value.get<bool>();
  }

  Status ReadServer(JsonObject& fields) {
    GridServer server{.name = fields.Text("name"), .group = fields.Text("group")};
    const json& command = fields.Any("command");
    if (!command.is_array() || command.empty()) {
      return InvalidArgument("\"command\" is not a list of words");
    }
    for (const json& word : command) {
      if (!word.is_string()) return InvalidArgument("\"command\" has a word that is no text");
      auto expanded = Expand(word.get<std::string>());
      if (!expanded.ok()) return expanded.error();
      server.command.push_back(*std::move(expanded));
    }
    const auto baseline = Flag(fields, "baseline");
    if (!baseline.ok()) return baseline.error();
    const auto hand_tuned = Flag(fields, "static");
    if (!hand_tuned.ok()) return hand_tuned.error();
    server.baseline = *baseline;
    server.hand_tuned = *hand_tuned;
    grid_.servers.push_back(std::move(server));
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
    load.arrivals = *std::move(plan);
    grid_.loads.push_back(std::move(load));
    return Ok();
  }

  Status ReadMix(JsonObject& fields) {
    GridMix mix{.name = fields.Text("name")};
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
    return Ok();
  }

  VariableFn variable_;
  Grid& grid_;
};

// FNV-1a, to tell one grid's journal from another's.
void Mix64(std::uint64_t& hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
}

std::string FromEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

}  // namespace

Result<Grid> ReadGrid(std::string_view text, std::string_view source, VariableFn variable) {
  Grid grid;
  auto object = ParseJsonObject(text);
  Status read = object.ok() ? Reader(variable, grid).Read(*object) : Status(object.error());
  if (!read.ok()) {
    return Error{read.error().code, std::string(source) + ": " + read.error().message};
  }
  grid.fingerprint = 0xcbf29ce484222325u;
  Mix64(grid.fingerprint, text);
  for (const GridModel& model : grid.models) Mix64(grid.fingerprint, model.target + model.draft);
  return grid;
}

Result<Grid> LoadGrid(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return NotFound("cannot read the grid \"" + file.string() + "\"");
  std::ostringstream text;
  text << in.rdbuf();
  return ReadGrid(text.str(), file.string(), FromEnvironment);
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
