// Reads a GBNF grammar before libllama does. Grammars come from clients, and libllama prints its
// complaints to stderr, recurses as deep as the text nests, and does not end on some left-recursive
// rules. Pure; costs a few looks at the text.
#pragma once

#include <functional>
#include <string_view>

#include "core/result.h"

namespace turbospec {

struct GbnfFacts {
  bool names_tokens = false;  // has <token> elements, so control tokens may be meant
};

// kInvalidArgument with line and column when the text is not a grammar with a rule `root` that
// libllama can run within reason. `is_token` decides whether "<text>" or "<[id]>" is one token.
Result<GbnfFacts> CheckGbnf(std::string_view gbnf,
                            const std::function<bool(std::string_view)>& is_token);

}  // namespace turbospec
