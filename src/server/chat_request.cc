#include "server/chat_request.h"

#include <nlohmann/json.hpp>

namespace turbospec {
namespace {

using nlohmann::json;

std::string ParseRole(FieldReader& message) {
  if (message.Find("role") == nullptr) message.Refuse("role", "is required");
  std::string role = message.String("role", "user");
  if (role == "developer") return "system";  // OpenAI's newer name for the same thing
  if (role != "system" && role != "user" && role != "assistant") {
    message.Refuse("role", "must be \"system\", \"user\" or \"assistant\"");
  }
  return role;
}

std::string ParseTextPart(FieldReader& message, const json& part) {
  if (!part.is_object()) {
    message.RefuseType("content", "an array of {\"type\": \"text\", \"text\": ...}", part);
    return {};
  }
  FieldReader fields = message.Nested("content", part);
  if (fields.String("type", "") != "text") fields.Refuse("type", "must be \"text\"");
  if (fields.Find("text") == nullptr) fields.Refuse("text", "is required");
  return fields.String("text", "");
}

std::string ParseContent(FieldReader& message) {
  const json* content = message.Find("content");
  if (content == nullptr) {
    message.Refuse("content", "is required: a string or an array of text parts");
    return {};
  }
  if (content->is_string()) return content->get<std::string>();
  if (!content->is_array()) {
    message.RefuseType("content", "a string or an array of text parts", *content);
    return {};
  }
  std::string text;
  for (const json& part : *content) {
    if (&part != &content->front()) text += '\n';
    text += ParseTextPart(message, part);
  }
  return text;
}

std::vector<ChatMessage> ParseMessages(FieldReader& fields) {
  const json* array = fields.FindArray("messages");
  if (array == nullptr || array->empty()) {
    fields.Refuse("messages", "is required: an array of at least one message");
    return {};
  }
  std::vector<ChatMessage> messages;
  for (const json& entry : *array) {
    const std::string place = "messages[" + std::to_string(messages.size()) + "]";
    if (!entry.is_object()) {
      fields.RefuseType(place, "an object", entry);
      return {};
    }
    FieldReader message = fields.Nested(place, entry);
    std::string role = ParseRole(message);
    messages.push_back({std::move(role), ParseContent(message)});
  }
  return messages;
}

int ParseLogprobs(FieldReader& fields) {
  const bool wanted = fields.Boolean("logprobs", false);
  const auto top = static_cast<int>(fields.Integer("top_logprobs", 0, 0, kMaxTopLogprobs));
  if (fields.Find("top_logprobs") != nullptr && !wanted) {
    fields.Refuse("top_logprobs", "is only allowed when 'logprobs' is true");
  }
  return wanted ? top : -1;
}

void RefuseWhatIsNotSupported(FieldReader& fields) {
  for (const char* name : {"tools", "functions"}) {
    const json* tools = fields.FindArray(name);
    if (tools != nullptr && !tools->empty()) {
      fields.Refuse(name, "is not supported: this server does not call tools");
    }
  }
}

}  // namespace

ApiResult<ChatRequest> ParseChatRequest(const json& body, int vocabulary_size) {
  std::optional<ApiError> error;
  FieldReader fields(body, error);
  ChatRequest request;
  request.messages = ParseMessages(fields);
  request.fields = ParseGenerationFields(fields, /*default_max_tokens=*/0, vocabulary_size);
  request.fields.sampling.logprobs = ParseLogprobs(fields);
  RefuseWhatIsNotSupported(fields);
  if (error) return *std::move(error);
  return request;
}

}  // namespace turbospec
