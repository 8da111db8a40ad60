// What an event of an OpenAI stream is, found without building its JSON: the client sees thousands
// a second and must stay cheap. Exact for valid JSON: inside a JSON string every quote is escaped,
// so that a quoted key followed by a colon is a key. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace turbospec {

struct StreamEvent {
  bool done = false;   // [DONE]
  bool text = false;   // carries output: a non-empty "text", "content" or "reasoning…"
  bool usage = false;  // carries a usage object
  bool error = false;  // carries an error
};

StreamEvent ClassifyEvent(std::string_view data);

struct TokenUsage {
  int prompt_tokens = 0;
  int completion_tokens = 0;
};

// nullopt when `data` is no JSON or has no such counts.
std::optional<TokenUsage> ParseUsage(std::string_view data);

// The message of an error response or event in any of the usual shapes; else `body`, shortened.
std::string ErrorMessage(std::string_view body);

}  // namespace turbospec
