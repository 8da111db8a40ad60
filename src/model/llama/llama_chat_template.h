// Renders conversations by the template that the model file carries, or by one named by the user.
// libllama reads no Jinja: it recognises the templates of known model families by their text and
// renders them itself; this adds the format of the embedded models. Immutable; any thread.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/result.h"
#include "model/chat_template.h"
#include "model/llama/llama_weights.h"

namespace turbospec {

class LlamaChatTemplate final : public ChatTemplate {
 public:
  // `override_with`: a built-in name ("chatml", "llama3", …) or the text of a template; "" = the
  // model's own. An override that cannot be applied is an error here; a model without a usable
  // template is one in Render only, because text completion works without.
  static Result<std::unique_ptr<LlamaChatTemplate>> Create(const LlamaWeights& weights,
                                                           const std::string& override_with);

  Result<std::string> Render(std::span<const ChatMessage> messages) const override;

 private:
  explicit LlamaChatTemplate(std::string text) : text_(std::move(text)) {}

  std::string text_;  // built-in name or template; "" = none
};

}  // namespace turbospec
