#include "bench/bench_prompt.h"

#include <utility>

namespace turbospec {

using nlohmann::json;

json BodyOf(const WorkloadItem& item) {
  json body = {{"max_tokens", item.max_tokens}};
  if (item.messages.empty()) {
    body["prompt"] = item.prompt;
    return body;
  }
  json& messages = body["messages"] = json::array();
  for (const WorkloadMessage& message : item.messages) {
    messages.push_back({{"role", message.role}, {"content", message.content}});
  }
  return body;
}

BenchPrompts PromptsOf(Workload workload) {
  BenchPrompts prompts;
  prompts.workload = std::move(workload);
  for (const WorkloadItem& item : prompts.workload.items) prompts.bodies.push_back(BodyOf(item));
  return prompts;
}

Result<BenchPrompts> ReadPromptLines(std::istream& in) {
  BenchPrompts prompts;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    json parsed = json::parse(line, nullptr, false);
    const std::string where = "line " + std::to_string(number);
    if (!parsed.is_object()) return InvalidArgument(where + " is not a JSON object");
    if (parsed.contains("prompt") == parsed.contains("messages")) {
      return InvalidArgument(where + " must have either \"prompt\" or \"messages\"");
    }
    WorkloadItem item;
    item.id = where;
    prompts.workload.items.push_back(std::move(item));
    prompts.bodies.push_back(std::move(parsed));
  }
  if (prompts.bodies.empty()) return InvalidArgument("there is no prompt in it");
  return prompts;
}

BenchRequest MakeBenchRequest(Seconds at, const json& body, const BodyFields& fields,
                              std::string class_name) {
  json whole = fields.defaults;
  whole.update(body);
  whole.update(fields.overrides);
  whole["stream"] = true;
  json& stream_options = whole["stream_options"];
  if (!stream_options.is_object()) stream_options = json::object();
  stream_options["include_usage"] = true;
  BenchRequest request;
  request.at = at;
  request.path = whole.contains("messages") ? "/v1/chat/completions" : "/v1/completions";
  request.body = whole.dump(-1, ' ', false, json::error_handler_t::replace);
  request.class_name = std::move(class_name);
  const auto limit = whole.find("max_tokens");
  if (limit != whole.end() && limit->is_number_integer()) request.max_tokens = limit->get<int>();
  return request;
}

}  // namespace turbospec
