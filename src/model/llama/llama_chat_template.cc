#include "model/llama/llama_chat_template.h"

#include <llama.h>

#include <exception>
#include <utility>
#include <vector>

namespace turbospec {
namespace {

// The format of the embedded pair, and of anything with these two lines in its template:
//   <|user|>\nTEXT\n<|assistant|>\nANSWER</s><|user|>\n…
// libllama takes it for its "falcon3", which writes no </s> and gives the system a role of its own.
constexpr std::string_view kAnswerLine = "<|assistant|>\n{{ m['content'] }}</s>";
constexpr std::string_view kRequestLine = "{% else %}<|user|>\n{{ m['content'] }}\n";

bool IsStorypair(std::string_view text) {
  return text.find(kAnswerLine) != text.npos && text.find(kRequestLine) != text.npos;
}

std::string RenderStorypair(std::span<const ChatMessage> messages) {
  std::string prompt;
  for (const ChatMessage& message : messages) {
    if (message.role == "assistant") {
      prompt += "<|assistant|>\n" + message.content + "</s>";
    } else {
      prompt += "<|user|>\n" + message.content + "\n";
    }
  }
  return prompt + "<|assistant|>\n";
}

std::string BuiltInNames() {
  std::vector<const char*> names(
      static_cast<std::size_t>(llama_chat_builtin_templates(nullptr, 0)));
  llama_chat_builtin_templates(names.data(), names.size());
  std::string joined;
  for (const char* name : names) joined += (joined.empty() ? "" : ", ") + std::string(name);
  return joined;
}

Result<std::string> RenderByLibrary(const std::string& text,
                                    std::span<const ChatMessage> messages) {
  std::vector<llama_chat_message> chat;
  std::size_t bytes = 256;
  for (const ChatMessage& message : messages) {
    chat.push_back({message.role.c_str(), message.content.c_str()});
    bytes += message.role.size() + message.content.size() + 64;
  }
  std::string prompt(bytes, '\0');
  try {
    for (;;) {
      const int size =
          llama_chat_apply_template(text.c_str(), chat.data(), chat.size(), /*add_ass=*/true,
                                    prompt.data(), static_cast<std::int32_t>(prompt.size()));
      if (size < 0) break;
      const bool fits = static_cast<std::size_t>(size) <= prompt.size();
      prompt.resize(static_cast<std::size_t>(size));
      if (fits) return prompt;
    }
  } catch (const std::exception& failure) {
    return Internal(std::string("libllama could not apply the chat template: ") + failure.what());
  }
  return Unsupported(
      "the chat template is not one that libllama can apply; name the one that fits the model: " +
      BuiltInNames());
}

}  // namespace

Result<std::unique_ptr<LlamaChatTemplate>> LlamaChatTemplate::Create(
    const LlamaWeights& weights, const std::string& override_with) {
  if (override_with.empty()) {
    const char* own = llama_model_chat_template(weights.get(), nullptr);
    return std::unique_ptr<LlamaChatTemplate>(new LlamaChatTemplate(own == nullptr ? "" : own));
  }
  std::unique_ptr<LlamaChatTemplate> made(new LlamaChatTemplate(override_with));
  const ChatMessage probe{"user", "hello"};
  if (const auto rendered = made->Render(std::span(&probe, 1)); !rendered.ok()) {
    return rendered.error();
  }
  return made;
}

Result<std::string> LlamaChatTemplate::Render(std::span<const ChatMessage> messages) const {
  if (messages.empty()) return InvalidArgument("a conversation needs at least one message");
  if (text_.empty()) {
    return Unsupported("the model file carries no chat template; name one: " + BuiltInNames());
  }
  if (IsStorypair(text_)) return RenderStorypair(messages);
  return RenderByLibrary(text_, messages);
}

}  // namespace turbospec
