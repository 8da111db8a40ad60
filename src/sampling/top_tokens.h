// The k largest logits without sorting the vocabulary. Used by top-k and by logprobs. Pure; one
// walk over the logits that stops rarely when k is small beside them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "turbospec/types.h"

namespace turbospec {

// The order of likelihood: larger logits first, lower ids first among equals.
struct LikelierFirst {
  std::span<const float> logits;

  bool operator()(TokenId a, TokenId b) const {
    const float x = logits[static_cast<std::size_t>(a)];
    const float y = logits[static_cast<std::size_t>(b)];
    return x != y ? x > y : a < b;
  }
};

// Fills `out` with the k likeliest tokens, in no particular order; fewer when fewer are above
// minus infinity. NaN never counts. REQUIRES: k >= 1.
void TopTokens(std::span<const float> logits, std::size_t k, std::vector<TokenId>& out);

}  // namespace turbospec
