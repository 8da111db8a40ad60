#include "bench/prompt_source.h"

#include <cmath>
#include <utility>

namespace turbospec {

using nlohmann::json;

Result<std::vector<json>> ReadPromptLines(std::istream& in) {
  std::vector<json> prompts;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    json parsed = json::parse(line, nullptr, false);
    const std::string where = "line " + std::to_string(number);
    if (!parsed.is_object()) return InvalidArgument(where + " is not a JSON object");
    if (parsed.contains("prompt") == parsed.contains("messages")) {
      return InvalidArgument(where + " must have either \"prompt\" or \"messages\"");
    }
    prompts.push_back(std::move(parsed));
  }
  if (prompts.empty()) return InvalidArgument("there is no prompt in it");
  return prompts;
}

PromptSource::PromptSource(std::vector<json> prompts, PromptSourceOptions options)
    : prompts_(std::move(prompts)), options_(std::move(options)), random_(options_.seed) {}

std::optional<BenchRequest> PromptSource::Next() {
  if (options_.requests > 0 && made_ == options_.requests) return std::nullopt;
  if (made_ > 0 && options_.requests_per_second > 0) {
    // Exponential gaps make a Poisson process; 1 - u is never 0.
    arrival_ += Seconds(-std::log(1 - random_.Uniform()) / options_.requests_per_second);
  }
  json body = options_.defaults;
  body.update(prompts_[static_cast<std::size_t>(made_) % prompts_.size()]);
  body.update(options_.overrides);
  body["stream"] = true;
  body["stream_options"]["include_usage"] = true;
  ++made_;
  BenchRequest request;
  request.arrival = arrival_;
  request.path = body.contains("messages") ? "/v1/chat/completions" : "/v1/completions";
  request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  return request;
}

}  // namespace turbospec
