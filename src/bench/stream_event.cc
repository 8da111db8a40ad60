#include "bench/stream_event.h"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

namespace turbospec {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestMessage = 200;

std::string_view SkipBlanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

// Calls accepts(value text) for each value of the quoted key until one is accepted.
template <class Accepts>
bool AnyValue(std::string_view data, std::string_view quoted_key, Accepts accepts) {
  for (std::size_t at = data.find(quoted_key); at != std::string_view::npos;
       at = data.find(quoted_key, at + 1)) {
    std::string_view rest = SkipBlanks(data.substr(at + quoted_key.size()));
    if (!rest.starts_with(':')) continue;
    if (accepts(SkipBlanks(rest.substr(1)))) return true;
  }
  return false;
}

bool IsNonEmptyString(std::string_view value) {
  return value.size() > 1 && value[0] == '"' && value[1] != '"';
}

bool IsObject(std::string_view value) {
  return value.starts_with('{');
}

bool IsFault(std::string_view value) {
  return IsObject(value) || IsNonEmptyString(value);
}

std::optional<int> Count(const json& usage, const char* key) {
  const auto found = usage.find(key);
  if (found == usage.end() || !found->is_number_integer()) return std::nullopt;
  const auto count = found->get<std::int64_t>();
  if (count < 0 || count > std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(count);
}

}  // namespace

StreamEvent ClassifyEvent(std::string_view data) {
  StreamEvent event;
  if (data == "[DONE]") {
    event.done = true;
    return event;
  }
  event.text = AnyValue(data, "\"content\"", IsNonEmptyString) ||
               AnyValue(data, "\"text\"", IsNonEmptyString) ||
               AnyValue(data, "\"reasoning_content\"", IsNonEmptyString) ||
               AnyValue(data, "\"reasoning\"", IsNonEmptyString);
  event.usage = AnyValue(data, "\"usage\"", IsObject);
  event.error = !event.text && AnyValue(data, "\"error\"", IsFault);
  return event;
}

std::optional<TokenUsage> ParseUsage(std::string_view data) {
  const json parsed = json::parse(data, nullptr, false);
  if (!parsed.is_object()) return std::nullopt;
  const auto usage = parsed.find("usage");
  if (usage == parsed.end() || !usage->is_object()) return std::nullopt;
  const auto prompt = Count(*usage, "prompt_tokens");
  const auto completion = Count(*usage, "completion_tokens");
  if (!completion) return std::nullopt;
  return TokenUsage{prompt.value_or(0), *completion};
}

std::string ErrorMessage(std::string_view body) {
  const json parsed = json::parse(body, nullptr, false);
  const json* found = &parsed;
  for (const char* key : {"error", "message", "detail"}) {
    if (found->is_object() && found->contains(key)) found = &(*found)[key];
  }
  std::string message = found->is_string() ? found->get<std::string>() : std::string(body);
  if (message.size() > kLongestMessage) message.resize(kLongestMessage);
  return message;
}

}  // namespace turbospec
