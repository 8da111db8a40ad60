#include "model/llama/llama_tokenizer.h"

#include <llama.h>

#include <cstring>
#include <exception>
#include <limits>
#include <utility>

#include "core/utf8.h"

namespace turbospec {
namespace {

// A grown buffer's worth of one token's bytes, control tokens left out.
std::string PieceOf(const llama_vocab* vocabulary, TokenId token) {
  std::string piece(64, '\0');
  for (;;) {
    const int size = llama_token_to_piece(vocabulary, token, piece.data(),
                                          static_cast<std::int32_t>(piece.size()), 0, false);
    if (size >= 0) {
      piece.resize(static_cast<std::size_t>(size));
      return piece;
    }
    piece.resize(static_cast<std::size_t>(-size));
  }
}

std::string Quoted(const char* text) {
  return text == nullptr ? "nothing" : '"' + std::string(text) + '"';
}

Status CompareSpecial(const char* name, TokenId target, TokenId draft) {
  if (target == draft) return Ok();
  return InvalidArgument("the draft's vocabulary is not the target's: " + std::string(name) +
                         " is token " + std::to_string(target) + " in the target and " +
                         std::to_string(draft) + " in the draft");
}

}  // namespace

LlamaTokenizer::LlamaTokenizer(std::shared_ptr<const LlamaWeights> weights)
    : weights_(std::move(weights)) {
  const llama_vocab* vocabulary = weights_->vocabulary();
  const int size = llama_vocab_n_tokens(vocabulary);
  piece_ends_.reserve(static_cast<std::size_t>(size));
  ends_generation_.reserve(static_cast<std::size_t>(size));
  for (TokenId token = 0; token < size; ++token) {
    pieces_ += PieceOf(vocabulary, token);
    piece_ends_.push_back(pieces_.size());
    ends_generation_.push_back(llama_vocab_is_eog(vocabulary, token));
  }
}

Result<std::vector<TokenId>> LlamaTokenizer::Encode(std::string_view text,
                                                    const EncodeOptions& options) const {
  if (!IsValidUtf8(text)) return InvalidArgument("the text is not valid UTF-8");
  if (text.size() > std::numeric_limits<std::int32_t>::max() / 2) {
    return InvalidArgument("the text is too long to tokenize");
  }
  // No vocabulary makes more tokens than bytes, plus what it puts in front and behind.
  std::vector<TokenId> tokens(text.size() + 8);
  try {
    for (;;) {
      const int count = llama_tokenize(weights_->vocabulary(), text.data(),
                                       static_cast<std::int32_t>(text.size()), tokens.data(),
                                       static_cast<std::int32_t>(tokens.size()),
                                       options.add_special, options.parse_special);
      if (count >= 0) {
        tokens.resize(static_cast<std::size_t>(count));
        return tokens;
      }
      if (count == std::numeric_limits<std::int32_t>::min()) {
        return InvalidArgument("the text is too long to tokenize");
      }
      tokens.resize(static_cast<std::size_t>(-count));
    }
  } catch (const std::exception& failure) {
    return Internal(std::string("libllama could not tokenize the text: ") + failure.what());
  }
}

std::string_view LlamaTokenizer::Piece(TokenId token) const {
  const auto i = static_cast<std::size_t>(token);
  const std::size_t begin = i == 0 ? 0 : piece_ends_.at(i - 1);
  return std::string_view(pieces_).substr(begin, piece_ends_.at(i) - begin);
}

Status CompareVocabularies(const LlamaWeights& target, const LlamaWeights& draft) {
  const llama_vocab* t = target.vocabulary();
  const llama_vocab* d = draft.vocabulary();
  const std::string lead = "the draft's vocabulary is not the target's: ";
  if (llama_vocab_type(t) != llama_vocab_type(d)) {
    return InvalidArgument(lead + "they are of different kinds (" +
                           target.Metadata("tokenizer.ggml.model") + " and " +
                           draft.Metadata("tokenizer.ggml.model") + ")");
  }
  const int size = llama_vocab_n_tokens(t);
  if (size != llama_vocab_n_tokens(d)) {
    return InvalidArgument(lead + "the target has " + std::to_string(size) + " tokens, the draft " +
                           std::to_string(llama_vocab_n_tokens(d)));
  }
  for (TokenId token = 0; token < size; ++token) {
    const char* target_text = llama_vocab_get_text(t, token);
    const char* draft_text = llama_vocab_get_text(d, token);
    if (std::strcmp(target_text, draft_text) == 0) continue;
    return InvalidArgument(lead + "token " + std::to_string(token) + ": target " +
                           Quoted(target_text) + ", draft " + Quoted(draft_text));
  }
  if (Status bos = CompareSpecial("BOS", llama_vocab_bos(t), llama_vocab_bos(d)); !bos.ok()) {
    return bos;
  }
  return CompareSpecial("EOS", llama_vocab_eos(t), llama_vocab_eos(d));
}

}  // namespace turbospec
