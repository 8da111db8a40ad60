#include "sampling/top_tokens.h"

#include <algorithm>
#include <limits>

namespace turbospec {
namespace {

void KeepLikeliest(std::span<const float> logits, std::size_t k, std::vector<TokenId>& tokens) {
  const auto last = tokens.begin() + static_cast<std::ptrdiff_t>(k - 1);
  std::nth_element(tokens.begin(), last, tokens.end(), LikelierFirst{logits});
  tokens.resize(k);
}

}  // namespace

void TopTokens(std::span<const float> logits, std::size_t k, std::vector<TokenId>& out) {
  // Tokens are collected until there are twice too many; the half that stays sets a floor that
  // fewer and fewer of the later ones pass. A later token equal to the floor has the higher id and
  // loses, so that `>` decides ties as the order does.
  const std::size_t most = std::max<std::size_t>(2 * k, 64);
  float floor = -std::numeric_limits<float>::infinity();
  out.clear();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (!(logits[i] > floor)) continue;
    out.push_back(static_cast<TokenId>(i));
    if (out.size() < most) continue;
    KeepLikeliest(logits, k, out);
    floor = logits[static_cast<std::size_t>(out.back())];
  }
  if (out.size() > k) KeepLikeliest(logits, k, out);
}

}  // namespace turbospec
