#include "server/logprobs_json.h"
#include "server/response_rendering.h"

namespace turbospec {
namespace {

class CompletionRenderer final : public ResponseRenderer {
 public:
  CompletionRenderer(RenderOptions options, const Tokenizer& tokenizer)
      : options_(std::move(options)),
        tokenizer_(tokenizer),
        text_offsets_(static_cast<std::size_t>(options_.choices), 0) {}

  std::string Whole(std::span<const ChoiceDelta> choices, const ResponseSummary& summary) override {
    OutputJson response = Envelope();
    for (const ChoiceDelta& choice : choices) response["choices"].push_back(Choice(choice));
    response["usage"] = UsageJson(summary);
    response["timings"] = TimingsJson(summary);
    return Dump(response);
  }

  std::vector<std::string> Chunks(const ChoiceDelta& delta, const ResponseSummary* last) override {
    std::vector<std::string> chunks;
    if (!delta.text.empty() || !delta.tokens.empty() || delta.finish) {
      OutputJson chunk = Envelope();
      chunk["choices"].push_back(Choice(delta));
      if (options_.include_usage) chunk["usage"] = nullptr;
      if (last && !options_.include_usage) chunk["timings"] = TimingsJson(*last);
      chunks.push_back(Dump(chunk));
    }
    if (last && options_.include_usage) {
      OutputJson chunk = Envelope();
      chunk["usage"] = UsageJson(*last);
      chunk["timings"] = TimingsJson(*last);
      chunks.push_back(Dump(chunk));
    }
    return chunks;
  }

 private:
  OutputJson Envelope() const {
    return {{"id", options_.identity.id},
            {"object", "text_completion"},
            {"created", options_.identity.created},
            {"model", options_.identity.model},
            {"choices", OutputJson::array()}};
  }

  OutputJson Choice(const ChoiceDelta& delta) {
    OutputJson choice = {{"text", delta.text}, {"index", delta.choice}, {"logprobs", nullptr}};
    if (options_.logprobs) {
      int& offset = text_offsets_[static_cast<std::size_t>(delta.choice)];
      choice["logprobs"] = CompletionLogprobs(delta.tokens, tokenizer_, offset);
    }
    choice["finish_reason"] = FinishReasonJson(delta.finish);
    return choice;
  }

  RenderOptions options_;
  const Tokenizer& tokenizer_;
  std::vector<int> text_offsets_;  // characters so far, by choice
};

}  // namespace

std::unique_ptr<ResponseRenderer> MakeCompletionRenderer(RenderOptions options,
                                                         const Tokenizer& tokenizer) {
  return std::make_unique<CompletionRenderer>(std::move(options), tokenizer);
}

}  // namespace turbospec
