#include "server/logprobs_json.h"
#include "server/response_rendering.h"

namespace turbospec {
namespace {

class ChatRenderer final : public ResponseRenderer {
 public:
  ChatRenderer(RenderOptions options, const Tokenizer& tokenizer)
      : options_(std::move(options)),
        tokenizer_(tokenizer),
        role_sent_(static_cast<std::size_t>(options_.choices), false) {}

  std::string Whole(std::span<const ChoiceDelta> choices, const ResponseSummary& summary) override {
    OutputJson response = Envelope("chat.completion");
    for (const ChoiceDelta& choice : choices) {
      response["choices"].push_back(
          {{"index", choice.choice},
           {"message", {{"role", "assistant"}, {"content", choice.text}, {"refusal", nullptr}}},
           {"logprobs", Logprobs(choice)},
           {"finish_reason", FinishReasonJson(choice.finish)}});
    }
    response["usage"] = UsageJson(summary);
    response["timings"] = TimingsJson(summary);
    return Dump(response);
  }

  std::vector<std::string> Chunks(const ChoiceDelta& delta, const ResponseSummary* last) override {
    std::vector<std::string> chunks;
    const auto index = static_cast<std::size_t>(delta.choice);
    if (!role_sent_[index]) {
      role_sent_[index] = true;
      chunks.push_back(Dump(Chunk(delta.choice, {{"role", "assistant"}, {"content", ""}})));
    }
    if (!delta.text.empty() || !delta.tokens.empty()) {
      OutputJson chunk = Chunk(delta.choice, {{"content", delta.text}});
      chunk["choices"][0]["logprobs"] = Logprobs(delta);
      chunks.push_back(Dump(chunk));
    }
    if (delta.finish) {
      OutputJson chunk = Chunk(delta.choice, OutputJson::object());
      chunk["choices"][0]["finish_reason"] = FinishReasonJson(delta.finish);
      if (last && !options_.include_usage) chunk["timings"] = TimingsJson(*last);
      chunks.push_back(Dump(chunk));
    }
    if (last && options_.include_usage) {
      OutputJson chunk = Envelope("chat.completion.chunk");
      chunk["usage"] = UsageJson(*last);
      chunk["timings"] = TimingsJson(*last);
      chunks.push_back(Dump(chunk));
    }
    return chunks;
  }

 private:
  OutputJson Envelope(const char* object) const {
    return {{"id", options_.identity.id},
            {"object", object},
            {"created", options_.identity.created},
            {"model", options_.identity.model},
            {"choices", OutputJson::array()}};
  }

  OutputJson Chunk(int choice, OutputJson delta) const {
    OutputJson chunk = Envelope("chat.completion.chunk");
    chunk["choices"].push_back({{"index", choice},
                                {"delta", std::move(delta)},
                                {"logprobs", nullptr},
                                {"finish_reason", nullptr}});
    if (options_.include_usage) chunk["usage"] = nullptr;
    return chunk;
  }

  OutputJson Logprobs(const ChoiceDelta& delta) const {
    return options_.logprobs ? ChatLogprobs(delta.tokens, tokenizer_) : OutputJson(nullptr);
  }

  RenderOptions options_;
  const Tokenizer& tokenizer_;
  std::vector<bool> role_sent_;  // by choice
};

}  // namespace

std::unique_ptr<ResponseRenderer> MakeChatRenderer(RenderOptions options,
                                                   const Tokenizer& tokenizer) {
  return std::make_unique<ChatRenderer>(std::move(options), tokenizer);
}

}  // namespace turbospec
