// Text <-> tokens of one vocabulary. Immutable after loading: any thread may call it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "turbospec/types.h"

namespace turbospec {

struct EncodeOptions {
  bool add_special = true;     // BOS (and whatever the vocabulary wants) in front
  bool parse_special = false;  // "<|user|>" in the text becomes the control token
};

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  virtual int vocabulary_size() const = 0;

  // kInvalidArgument when the text is not valid UTF-8.
  virtual Result<std::vector<TokenId>> Encode(std::string_view text,
                                              const EncodeOptions& options) const = 0;

  // The bytes of one token, possibly a part of a character. Control tokens give "".
  // REQUIRES: 0 <= token < vocabulary_size(). Valid as long as the tokenizer lives.
  virtual std::string_view Piece(TokenId token) const = 0;

  // True for EOS, EOT and the like: generation ends and the token is not shown.
  virtual bool EndsGeneration(TokenId token) const = 0;
};

}  // namespace turbospec
