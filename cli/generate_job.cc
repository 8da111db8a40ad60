#include "cli/generate_job.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/utf8.h"

namespace turbospec::cli {
namespace {

using Json = nlohmann::json;

// Reads optional fields of one line; remembers the first that is wrong.
class Line {
 public:
  Line(const Json& json, int number) : json_(json), number_(number) {}

  void Text(const char* name, std::string& out) {
    Read(name, "text", [&](const Json& v) {
      if (!v.is_string()) return false;
      out = v.get<std::string>();
      return true;
    });
  }
  void Integer(const char* name, int& out) {
    Read(name, "an integer", [&](const Json& v) {
      if (!v.is_number_integer()) return false;
      const auto value = v.get<std::int64_t>();
      if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
        return false;
      }
      out = static_cast<int>(value);
      return true;
    });
  }
  void Number(const char* name, double& out) {
    Read(name, "a number", [&](const Json& v) {
      if (!v.is_number()) return false;
      out = v.get<double>();
      return true;
    });
  }
  void Seed(RequestFlags& request) {
    Read("seed", "a number that is not negative", [&](const Json& v) {
      if (!v.is_number_unsigned()) return false;
      request.sampling.seed = v.get<std::uint64_t>();
      return request.seed_given = true;
    });
  }
  void Stop(std::vector<std::string>& out) {
    Read("stop", "text or a list of texts", [&](const Json& v) {
      out.clear();
      for (const Json& item : v.is_array() ? v : Json::array({v})) {
        if (!item.is_string()) return false;
        out.push_back(item.get<std::string>());
      }
      return true;
    });
  }
  void Messages(std::vector<ChatMessage>& out) {
    Read("messages", "a list of {\"role\", \"content\"}", [&](const Json& v) {
      if (!v.is_array() || v.empty()) return false;
      for (const Json& item : v) {
        if (!item.is_object()) return false;
        const auto role = item.find("role");
        const auto content = item.find("content");
        if (role == item.end() || !role->is_string()) return false;
        if (content == item.end() || !content->is_string()) return false;
        out.push_back({role->get<std::string>(), content->get<std::string>()});
      }
      return true;
    });
  }

  Error Wrong(const std::string& why) const {
    return InvalidArgument("line " + std::to_string(number_) + ": " + why);
  }
  const std::string& problem() const { return problem_; }

 private:
  template <class Take>
  void Read(const char* name, const char* expected, Take take) {
    const auto field = json_.find(name);
    if (field == json_.end() || !problem_.empty()) return;
    if (!take(*field)) problem_ = "\"" + std::string(name) + "\" must be " + expected;
  }

  const Json& json_;
  int number_;
  std::string problem_;
};

Result<GenerateJob> ParseLine(const std::string& text, int number, const RequestFlags& defaults) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  Line line(json, number);
  if (json.is_discarded() || !json.is_object()) return line.Wrong("not a JSON object");
  GenerateJob job{.request = defaults};
  SamplingParameters& sampling = job.request.sampling;
  line.Text("prompt", job.prompt);
  line.Messages(job.messages);
  line.Integer("max_tokens", job.request.max_tokens);
  line.Number("temperature", sampling.temperature);
  line.Integer("top_k", sampling.top_k);
  line.Number("top_p", sampling.top_p);
  line.Number("min_p", sampling.min_p);
  line.Seed(job.request);
  line.Stop(job.request.stop);
  line.Text("grammar", job.request.grammar);
  if (!line.problem().empty()) return line.Wrong(line.problem());
  if (json.contains("prompt") == json.contains("messages")) {
    return line.Wrong("needs either \"prompt\" or \"messages\"");
  }
  return job;
}

}  // namespace

Result<std::vector<GenerateJob>> ReadJsonLines(std::istream& input, const RequestFlags& defaults) {
  std::vector<GenerateJob> jobs;
  std::string text;
  for (int number = 1; std::getline(input, text); ++number) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    if (!IsValidUtf8(text)) {
      return InvalidArgument("line " + std::to_string(number) + ": not valid UTF-8");
    }
    auto job = ParseLine(text, number, defaults);
    if (!job.ok()) return job.error();
    jobs.push_back(*std::move(job));
  }
  if (jobs.empty()) return InvalidArgument("no prompts in the input");
  return jobs;
}

}  // namespace turbospec::cli
