// A Tokenizer whose pieces the test writes down: token i is pieces[i]. Encode takes the longest
// piece at every place. One token may end generation.
#pragma once

#include <string>
#include <vector>

#include "model/tokenizer.h"

namespace turbospec {

class FakeTokenizer final : public Tokenizer {
 public:
  explicit FakeTokenizer(std::vector<std::string> pieces, TokenId end_of_generation = -1)
      : pieces_(std::move(pieces)), end_of_generation_(end_of_generation) {}

  // Pieces "a", "b", … "z", "aa", "ab", … for a vocabulary of any size; no token is a prefix
  // problem for Encode because it takes the longest.
  static FakeTokenizer Letters(int vocabulary_size, TokenId end_of_generation = -1);

  int vocabulary_size() const override { return static_cast<int>(pieces_.size()); }
  Result<std::vector<TokenId>> Encode(std::string_view text,
                                      const EncodeOptions& options) const override;
  std::string_view Piece(TokenId token) const override;
  bool EndsGeneration(TokenId token) const override { return token == end_of_generation_; }

 private:
  std::vector<std::string> pieces_;
  TokenId end_of_generation_;
};

}  // namespace turbospec
