// Text <-> tokens by the vocabulary of a model file. Pieces are copied out at load, so that Piece
// is a table look-up. Immutable; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "model/llama/llama_weights.h"
#include "model/tokenizer.h"

namespace turbospec {

class LlamaTokenizer final : public Tokenizer {
 public:
  explicit LlamaTokenizer(std::shared_ptr<const LlamaWeights> weights);

  int vocabulary_size() const override { return static_cast<int>(ends_generation_.size()); }
  Result<std::vector<TokenId>> Encode(std::string_view text,
                                      const EncodeOptions& options) const override;
  std::string_view Piece(TokenId token) const override;
  bool EndsGeneration(TokenId token) const override {
    return ends_generation_.at(static_cast<std::size_t>(token));
  }

  const LlamaWeights& weights() const { return *weights_; }

 private:
  std::shared_ptr<const LlamaWeights> weights_;
  std::string pieces_;                   // all pieces, one after the other
  std::vector<std::size_t> piece_ends_;  // by token, into pieces_
  std::vector<bool> ends_generation_;
};

// kInvalidArgument, with the first difference, unless draft tokens mean the same to the target.
Status CompareVocabularies(const LlamaWeights& target, const LlamaWeights& draft);

}  // namespace turbospec
