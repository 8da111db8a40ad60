#include "model/llama/llama_grammar.h"

#include <llama.h>

#include <cassert>
#include <charconv>
#include <exception>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "model/llama/gbnf_check.h"

namespace turbospec {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

struct SamplerDeleter {
  void operator()(llama_sampler* sampler) const { llama_sampler_free(sampler); }
};
using SamplerHandle = std::unique_ptr<llama_sampler, SamplerDeleter>;

class LlamaGrammar final : public Grammar {
 public:
  LlamaGrammar(SamplerHandle sampler, std::shared_ptr<const LlamaTokenizer> tokenizer,
               bool names_tokens)
      : sampler_(std::move(sampler)),
        tokenizer_(std::move(tokenizer)),
        names_tokens_(names_tokens) {}

  void Mask(std::span<float> logits) override {
    candidates_.clear();
    for (std::size_t t = 0; t < logits.size(); ++t) {
      const auto token = static_cast<TokenId>(t);
      if (logits[t] == kForbidden) continue;
      if (Speaks(token)) candidates_.push_back({token, logits[t], 0.0f});
      logits[t] = kForbidden;
    }
    Apply();
    for (const llama_token_data& candidate : candidates_) {
      logits[static_cast<std::size_t>(candidate.id)] = candidate.logit;
    }
  }

  bool Allows(TokenId token) override {
    if (!Speaks(token)) return false;
    candidates_.assign(1, {token, 0.0f, 0.0f});
    Apply();
    return candidates_[0].logit != kForbidden;
  }

  void Accept(TokenId token) override {
    // libllama ends the process on a token that it did not allow.
    const bool allowed = Allows(token);
    assert(allowed && "Accept of a token that the grammar does not allow");
    if (!allowed) {
      broken_ = true;
      return;
    }
    try {
      llama_sampler_accept(sampler_.get(), token);
    } catch (const std::exception&) {
      broken_ = true;
    }
  }

 private:
  // libllama matches a control token by its name, which no reader of the output ever sees.
  bool Speaks(TokenId token) const {
    return names_tokens_ || tokenizer_->EndsGeneration(token) || !tokenizer_->Piece(token).empty();
  }

  void Apply() {
    if (broken_) {
      for (llama_token_data& candidate : candidates_) candidate.logit = kForbidden;
      return;
    }
    if (candidates_.empty()) return;
    llama_token_data_array array = {
        .data = candidates_.data(), .size = candidates_.size(), .selected = -1, .sorted = false};
    llama_sampler_apply(sampler_.get(), &array);
  }

  SamplerHandle sampler_;
  std::shared_ptr<const LlamaTokenizer> tokenizer_;
  bool names_tokens_;
  bool broken_ = false;  // a token came that was not allowed: nothing may follow
  std::vector<llama_token_data> candidates_;
};

}  // namespace

// "<[12]>" names a token by number, "<text>" by the text that becomes exactly that token.
bool LlamaGrammarCompiler::IsToken(std::string_view element) const {
  if (element.starts_with("<[")) {
    if (!element.ends_with("]>") || element.size() < 5) return false;
    const std::string_view digits = element.substr(2, element.size() - 4);
    int token = -1;
    const auto [end, failure] = std::from_chars(digits.begin(), digits.end(), token);
    return failure == std::errc() && end == digits.end() && token >= 0 &&
           token < tokenizer_->vocabulary_size();
  }
  const auto tokens = tokenizer_->Encode(element, {.add_special = false, .parse_special = true});
  return tokens.ok() && tokens->size() == 1;
}

Result<std::unique_ptr<Grammar>> LlamaGrammarCompiler::Compile(std::string_view gbnf) const {
  const Result<GbnfFacts> facts =
      CheckGbnf(gbnf, [this](std::string_view element) { return IsToken(element); });
  if (!facts.ok()) return facts.error();
  const LlamaWeights& weights = tokenizer_->weights();
  const LlamaLogCapture log(weights.backend());
  try {
    SamplerHandle sampler(
        llama_sampler_init_grammar(weights.vocabulary(), std::string(gbnf).c_str(), "root"));
    if (sampler != nullptr) {
      return std::unique_ptr<Grammar>(
          new LlamaGrammar(std::move(sampler), tokenizer_, facts->names_tokens));
    }
  } catch (const std::exception& failure) {
    return InvalidArgument(std::string("grammar: ") + failure.what());
  }
  return InvalidArgument("grammar: libllama refused it (" + log.Text() + ")");
}

}  // namespace turbospec
