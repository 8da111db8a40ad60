#include "server/logprobs_json.h"

#include <algorithm>
#include <cmath>

namespace turbospec {
namespace {

// JSON has no infinity; this is what OpenAI sends for a token out of reach.
constexpr double kLeastLogprob = -9999.0;

double Finite(float logprob) {
  return std::isfinite(logprob) ? logprob : kLeastLogprob;
}

OutputJson TokenJson(std::string_view piece, float logprob) {
  OutputJson bytes = OutputJson::array();
  for (const char byte : piece) bytes.push_back(static_cast<unsigned char>(byte));
  return {{"token", piece}, {"logprob", Finite(logprob)}, {"bytes", std::move(bytes)}};
}

}  // namespace

int CharactersIn(std::string_view bytes) {
  return static_cast<int>(std::count_if(bytes.begin(), bytes.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  }));
}

OutputJson CompletionLogprobs(std::span<const OutputToken> tokens, const Tokenizer& tokenizer,
                              int& text_offset) {
  OutputJson pieces = OutputJson::array();
  OutputJson logprobs = OutputJson::array();
  OutputJson tops = OutputJson::array();
  OutputJson offsets = OutputJson::array();
  for (const OutputToken& token : tokens) {
    pieces.push_back(token.piece);
    logprobs.push_back(Finite(token.sampled.logprob));
    OutputJson top = OutputJson::object();
    for (const TokenLogprob& likely : token.sampled.top) {
      top[std::string(tokenizer.Piece(likely.token))] = Finite(likely.logprob);
    }
    tops.push_back(std::move(top));
    offsets.push_back(text_offset);
    text_offset += CharactersIn(token.piece);
  }
  return {{"tokens", std::move(pieces)},
          {"token_logprobs", std::move(logprobs)},
          {"top_logprobs", std::move(tops)},
          {"text_offset", std::move(offsets)}};
}

OutputJson ChatLogprobs(std::span<const OutputToken> tokens, const Tokenizer& tokenizer) {
  OutputJson content = OutputJson::array();
  for (const OutputToken& token : tokens) {
    OutputJson entry = TokenJson(token.piece, token.sampled.logprob);
    OutputJson top = OutputJson::array();
    for (const TokenLogprob& likely : token.sampled.top) {
      top.push_back(TokenJson(tokenizer.Piece(likely.token), likely.logprob));
    }
    entry["top_logprobs"] = std::move(top);
    content.push_back(std::move(entry));
  }
  return {{"content", std::move(content)}, {"refusal", nullptr}};
}

OutputJson FinishReasonJson(const std::optional<Finish>& finish) {
  if (!finish) return nullptr;
  return finish->reason == FinishReason::kLength ? "length" : "stop";
}

}  // namespace turbospec
