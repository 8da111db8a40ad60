#include "model/fake_tokenizer.h"

namespace turbospec {

FakeTokenizer FakeTokenizer::Letters(int vocabulary_size, TokenId end_of_generation) {
  std::vector<std::string> pieces;
  for (int i = 0; i < vocabulary_size; ++i) {
    std::string piece(1, static_cast<char>('a' + i % 26));
    for (int rest = i / 26; rest > 0; rest /= 26) {
      piece.insert(piece.begin(), static_cast<char>('a' + (rest - 1) % 26));
    }
    pieces.push_back(std::move(piece));
  }
  return FakeTokenizer(std::move(pieces), end_of_generation);
}

Result<std::vector<TokenId>> FakeTokenizer::Encode(std::string_view text,
                                                   const EncodeOptions& /*options*/) const {
  std::vector<TokenId> tokens;
  while (!text.empty()) {
    std::size_t longest = 0;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const std::string& piece = pieces_[i];
      if (piece.size() <= longest || !text.starts_with(piece)) continue;
      if (longest == 0) tokens.push_back(0);
      longest = piece.size();
      tokens.back() = static_cast<TokenId>(i);
    }
    if (longest == 0) return InvalidArgument("no token begins \"" + std::string(text) + "\"");
    text.remove_prefix(longest);
  }
  return tokens;
}

std::string_view FakeTokenizer::Piece(TokenId token) const {
  return pieces_.at(static_cast<std::size_t>(token));
}

}  // namespace turbospec
