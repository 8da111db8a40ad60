#include "server/completion_request.h"

#include <nlohmann/json.hpp>

namespace turbospec {
namespace {

using nlohmann::json;

// OpenAI's default for this endpoint.
constexpr int kDefaultMaxTokens = 16;

std::vector<TokenId> ParseTokens(FieldReader& fields, const json& array, int vocabulary_size) {
  std::vector<TokenId> tokens;
  tokens.reserve(array.size());
  for (const json& entry : array) {
    if (!entry.is_number()) {
      fields.RefuseType("prompt", "an array of token ids without other entries", entry);
      return {};
    }
    const auto token = AsInteger(entry);
    if (!token || *token < 0 || *token >= vocabulary_size) {
      fields.Refuse("prompt", "must have token ids between 0 and " +
                                  std::to_string(vocabulary_size - 1) + ", got " + entry.dump());
      return {};
    }
    tokens.push_back(static_cast<TokenId>(*token));
  }
  return tokens;
}

Prompt ParsePromptEntry(FieldReader& fields, const json& entry, int vocabulary_size) {
  if (entry.is_string()) return entry.get<std::string>();
  if (entry.is_array()) {
    if (entry.empty()) fields.Refuse("prompt", "must not be empty");
    return ParseTokens(fields, entry, vocabulary_size);
  }
  fields.RefuseType("prompt", "a string, an array of token ids or an array of these", entry);
  return std::string();
}

std::vector<Prompt> ParsePrompts(FieldReader& fields, int vocabulary_size) {
  const json* value = fields.Find("prompt");
  if (value == nullptr) {
    fields.Refuse("prompt", "is required: a string, an array of token ids or an array of these");
    return {};
  }
  const bool is_batch = value->is_array() && !value->empty() && !value->front().is_number();
  if (!is_batch) return {ParsePromptEntry(fields, *value, vocabulary_size)};
  if (value->size() > kMaxPrompts) {
    fields.Refuse("prompt", "must have at most " + std::to_string(kMaxPrompts) + " prompts");
    return {};
  }
  std::vector<Prompt> prompts;
  for (const json& entry : *value) {
    prompts.push_back(ParsePromptEntry(fields, entry, vocabulary_size));
  }
  return prompts;
}

void RefuseWhatIsNotSupported(FieldReader& fields, int choices) {
  if (!fields.String("suffix", "").empty()) {
    fields.Refuse("suffix", "is not supported: text is generated at the end of the prompt only");
  }
  if (fields.Boolean("echo", false)) fields.Refuse("echo", "is not supported; it must be false");
  if (fields.Integer("best_of", choices, 1, kMaxChoicesPerPrompt) != choices) {
    fields.Refuse("best_of", "is not supported; leave it out or set it to 'n'");
  }
}

}  // namespace

ApiResult<CompletionRequest> ParseCompletionRequest(const json& body, int vocabulary_size) {
  std::optional<ApiError> error;
  FieldReader fields(body, error);
  CompletionRequest request;
  request.prompts = ParsePrompts(fields, vocabulary_size);
  request.fields = ParseGenerationFields(fields, kDefaultMaxTokens, vocabulary_size);
  request.fields.sampling.logprobs =
      static_cast<int>(fields.Integer("logprobs", -1, 0, kMaxTopLogprobs));
  RefuseWhatIsNotSupported(fields, request.fields.choices);
  if (error) return *std::move(error);
  return request;
}

}  // namespace turbospec
