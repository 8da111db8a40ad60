// Turns the logits of one request's rows into committed tokens by the request's acceptance rule.
// Exact for every proposer and every verified length; engine thread; costs one sampling per row.
#pragma once

#include "engine/active_request.h"
#include "model/model.h"
#include "model/tokenizer.h"

namespace turbospec {

struct VerifiedTokens {
  int accepted = 0;   // draft tokens that were committed
  int committed = 0;  // accepted + 1, or accepted where the output ended on a draft token
};

// Row `first_row` of the last Forward of `target` follows the request's last token; the next
// `verified` rows follow its draft tokens. Appends to tokens, text and delta, and sets finish when
// the output ends (end token, stop string, length, or a grammar that nothing can continue).
VerifiedTokens CommitVerified(ActiveRequest& request, const Model& target, int first_row,
                              int verified, const Tokenizer& tokenizer);

}  // namespace turbospec
