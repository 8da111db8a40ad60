#include "sampling/rejection.h"

#include <algorithm>
#include <cstddef>

namespace turbospec {
namespace {

// Walks (p - q)+ by rising id; stops where `visit(token, excess)` returns true.
template <class Visit>
void WalkExcess(const Distribution& p, const Distribution& q, Visit visit) {
  std::size_t j = 0;
  for (std::size_t i = 0; i < p.tokens.size(); ++i) {
    const TokenId token = p.tokens[i];
    while (j < q.tokens.size() && q.tokens[j] < token) ++j;
    const bool shared = j < q.tokens.size() && q.tokens[j] == token;
    const double excess = static_cast<double>(p.probabilities[i]) -
                          (shared ? static_cast<double>(q.probabilities[j]) : 0.0);
    if (excess > 0 && visit(token, excess)) return;
  }
}

TokenId DrawExcess(const Distribution& p, const Distribution& q, double u) {
  double total = 0;
  WalkExcess(p, q, [&](TokenId, double excess) {
    total += excess;
    return false;
  });
  // Nothing in excess: p = q up to rounding, where a rejection has probability zero.
  if (total <= 0) return Draw(p, u);
  TokenId drawn = 0;
  double cumulative = 0;
  WalkExcess(p, q, [&](TokenId token, double excess) {
    drawn = token;
    cumulative += excess;
    return u * total < cumulative;
  });
  return drawn;
}

TokenId DrawWithout(const Distribution& p, TokenId excluded, double u) {
  double total = 0;
  for (std::size_t i = 0; i < p.tokens.size(); ++i) {
    if (p.tokens[i] != excluded) total += p.probabilities[i];
  }
  TokenId drawn = excluded;
  double cumulative = 0;
  for (std::size_t i = 0; i < p.tokens.size(); ++i) {
    if (p.tokens[i] == excluded) continue;
    drawn = p.tokens[i];
    cumulative += p.probabilities[i];
    if (u * total < cumulative) break;
  }
  return drawn;
}

}  // namespace

Verdict VerifyByRejection(const Distribution& p, const Distribution& q, TokenId draft,
                          double u_accept, double u_residual) {
  const bool certain = q.empty();
  const double p_draft = p.ProbabilityOf(draft);
  const double q_draft = certain ? 1.0 : static_cast<double>(q.ProbabilityOf(draft));
  if (u_accept * q_draft < p_draft) return {.accepted = true, .token = draft};
  return {.accepted = false,
          .token = certain ? DrawWithout(p, draft, u_residual) : DrawExcess(p, q, u_residual)};
}

}  // namespace turbospec
