#include "server/generation_fields.h"

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

namespace turbospec {
namespace {

using nlohmann::json;

constexpr int kMaxInt = std::numeric_limits<int>::max();

std::vector<std::string> ParseStop(FieldReader& fields) {
  const json* value = fields.Find("stop");
  if (value == nullptr) return {};
  std::vector<std::string> stop;
  if (value->is_string()) {
    stop.push_back(value->get<std::string>());
  } else if (value->is_array()) {
    for (const json& entry : *value) {
      if (!entry.is_string()) {
        fields.RefuseType("stop", "a string or an array of strings", entry);
        return {};
      }
      stop.push_back(entry.get<std::string>());
      if (stop.size() > kMaxStopStrings) {
        fields.Refuse("stop", "must have at most " + std::to_string(kMaxStopStrings) + " strings");
        return {};
      }
    }
  } else {
    fields.RefuseType("stop", "a string or an array of strings", *value);
  }
  for (const std::string& text : stop) {
    if (text.empty() || text.size() > kMaxStopBytes) {
      fields.Refuse("stop",
                    "must be strings of 1 to " + std::to_string(kMaxStopBytes) + " bytes each");
    }
  }
  return stop;
}

std::vector<LogitBias> ParseLogitBias(FieldReader& fields, int vocabulary_size) {
  const json* object = fields.FindObject("logit_bias");
  if (object == nullptr) return {};
  if (object->size() > kMaxLogitBiases) {
    fields.Refuse("logit_bias",
                  "must have at most " + std::to_string(kMaxLogitBiases) + " entries");
    return {};
  }
  FieldReader entries = fields.Nested("logit_bias", *object);
  std::vector<LogitBias> biases;
  for (const auto& [key, value] : object->items()) {
    LogitBias bias;
    const char* end = key.data() + key.size();
    const auto parsed = std::from_chars(key.data(), end, bias.token);
    if (parsed.ec != std::errc() || parsed.ptr != end || bias.token < 0 ||
        bias.token >= vocabulary_size) {
      fields.Refuse("logit_bias", "must map token ids between 0 and " +
                                      std::to_string(vocabulary_size - 1) + ", got \"" + key +
                                      "\"");
      return {};
    }
    bias.bias = static_cast<float>(entries.Number(key, 0.0, -100.0, 100.0));
    biases.push_back(bias);
  }
  return biases;
}

SamplingParameters ParseSampling(FieldReader& fields, int vocabulary_size) {
  SamplingParameters sampling;
  sampling.temperature = fields.Number("temperature", 1.0, 0.0, 100.0);
  // -1 is how some clients say "off"; here that is 0.
  sampling.top_k = static_cast<int>(fields.Integer("top_k", 0, -1, kMaxInt));
  if (sampling.top_k < 0) sampling.top_k = 0;
  sampling.top_p = fields.Number("top_p", 1.0, 0.0, 1.0);
  if (sampling.top_p <= 0.0) fields.Refuse("top_p", "must be above 0 and at most 1");
  sampling.min_p = fields.Number("min_p", 0.0, 0.0, 1.0);
  sampling.repetition_penalty = fields.Number("repetition_penalty", 1.0, 0.0, 10.0);
  if (sampling.repetition_penalty < 0.01) {
    fields.Refuse("repetition_penalty", "must be between 0.01 and 10");
  }
  sampling.presence_penalty = fields.Number("presence_penalty", 0.0, -2.0, 2.0);
  sampling.frequency_penalty = fields.Number("frequency_penalty", 0.0, -2.0, 2.0);
  sampling.logit_bias = ParseLogitBias(fields, vocabulary_size);
  return sampling;
}

std::optional<std::uint64_t> ParseSeed(FieldReader& fields) {
  const json* value = fields.Find("seed");
  if (value == nullptr) return std::nullopt;
  if (value->is_number_unsigned()) return value->get<std::uint64_t>();
  if (const auto integer = AsInteger(*value)) return static_cast<std::uint64_t>(*integer);
  fields.RefuseType("seed", "a 64-bit integer", *value);
  return std::nullopt;
}

int ParseMaxTokens(FieldReader& fields, int fallback) {
  // The newer name wins where both are given, as it does at OpenAI.
  const char* name = fields.Find("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
  if (fields.Find(name) == nullptr) return fallback;
  return static_cast<int>(fields.Integer(name, fallback, 1, kMaxInt));
}

bool ParseIncludeUsage(FieldReader& fields, bool stream) {
  const json* object = fields.FindObject("stream_options");
  if (object == nullptr) return false;
  if (!stream) fields.Refuse("stream_options", "is only allowed when 'stream' is true");
  return fields.Nested("stream_options", *object).Boolean("include_usage", false);
}

AcceptanceRule ParseRule(FieldReader& fields) {
  const json* object = fields.FindObject("speculation");
  if (object == nullptr) return AcceptanceRule::kAuto;
  FieldReader speculation = fields.Nested("speculation", *object);
  const std::string rule = speculation.String("rule", "auto");
  if (rule == "match") return AcceptanceRule::kMatch;
  if (rule == "rejection") return AcceptanceRule::kRejection;
  if (rule != "auto") {
    speculation.Refuse("rule", "must be \"auto\", \"match\" or \"rejection\"");
  }
  return AcceptanceRule::kAuto;
}

// Fields that change what the client gets: ignoring them would be a wrong answer, not a lenient
// one.
void RefuseWhatIsNotSupported(FieldReader& fields) {
  const json* format = fields.FindObject("response_format");
  if (format != nullptr &&
      fields.Nested("response_format", *format).String("type", "text") != "text") {
    fields.Refuse("response_format", "other than text is not supported; constrain with 'grammar'");
  }
}

}  // namespace

GenerationFields ParseGenerationFields(FieldReader& fields, int default_max_tokens,
                                       int vocabulary_size) {
  GenerationFields parsed;
  parsed.model = fields.String("model", "");
  parsed.choices = static_cast<int>(fields.Integer("n", 1, 1, kMaxChoicesPerPrompt));
  parsed.stream = fields.Boolean("stream", false);
  parsed.include_usage = ParseIncludeUsage(fields, parsed.stream);
  parsed.seed = ParseSeed(fields);
  parsed.sampling = ParseSampling(fields, vocabulary_size);
  parsed.max_tokens = ParseMaxTokens(fields, default_max_tokens);
  parsed.stop = ParseStop(fields);
  parsed.grammar = fields.String("grammar", "");
  parsed.ignore_end = fields.Boolean("ignore_eos", false);
  parsed.rule = ParseRule(fields);
  RefuseWhatIsNotSupported(fields);
  return parsed;
}

}  // namespace turbospec
