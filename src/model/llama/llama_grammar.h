// GBNF grammars by libllama's sampler. The compiler is immutable and shared by all threads; a
// Grammar is the state of one request and belongs to the engine thread. Compiling costs well under
// a millisecond for common grammars, Mask a walk over the vocabulary.
#pragma once

#include <memory>
#include <string_view>

#include "model/grammar.h"
#include "model/llama/llama_tokenizer.h"

namespace turbospec {

class LlamaGrammarCompiler final : public GrammarCompiler {
 public:
  explicit LlamaGrammarCompiler(std::shared_ptr<const LlamaTokenizer> tokenizer)
      : tokenizer_(std::move(tokenizer)) {}

  // A message says where the grammar is wrong: "grammar: line 2, column 9: expected )".
  // Tokens without text (control tokens) are allowed only where the grammar names tokens; tokens
  // that end generation only where the grammar may end.
  Result<std::unique_ptr<Grammar>> Compile(std::string_view gbnf) const override;

 private:
  bool IsToken(std::string_view element) const;

  std::shared_ptr<const LlamaTokenizer> tokenizer_;
};

}  // namespace turbospec
