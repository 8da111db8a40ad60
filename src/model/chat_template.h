// Turns a conversation into the prompt text the model was trained on. Immutable; any thread.
#pragma once

#include <span>
#include <string>

#include "core/result.h"

namespace turbospec {

struct ChatMessage {
  std::string role;  // "system", "user", "assistant"
  std::string content;
};

class ChatTemplate {
 public:
  virtual ~ChatTemplate() = default;

  // The prompt that ends where the assistant's answer begins; to be encoded with add_special and
  // parse_special. kUnsupported when the model has no template that this build can apply.
  virtual Result<std::string> Render(std::span<const ChatMessage> messages) const = 0;
};

}  // namespace turbospec
