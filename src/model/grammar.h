// A constraint on output text (GBNF). Grammar is the state of one request (engine thread only);
// GrammarCompiler is immutable and may be called from any thread.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "core/result.h"
#include "turbospec/types.h"

namespace turbospec {

class Grammar {
 public:
  virtual ~Grammar() = default;

  // Sets the logits of tokens that cannot come next to minus infinity.
  // logits has one entry per token of the vocabulary. Costs a walk over the vocabulary.
  virtual void Mask(std::span<float> logits) = 0;

  // True when `token` may come next. Cheap.
  virtual bool Allows(TokenId token) = 0;

  // Moves past `token`. REQUIRES: Allows(token).
  virtual void Accept(TokenId token) = 0;
};

class GrammarCompiler {
 public:
  virtual ~GrammarCompiler() = default;

  // kInvalidArgument when the text is not a grammar with a rule named `root`.
  virtual Result<std::unique_ptr<Grammar>> Compile(std::string_view gbnf) const = 0;
};

}  // namespace turbospec
