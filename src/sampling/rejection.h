// The rejection rule of speculative sampling (Leviathan et al. 2023, Chen et al. 2023): keeps the
// target's distribution exactly whatever the draft proposes. Pure.
#pragma once

#include "sampling/distribution.h"
#include "turbospec/types.h"

namespace turbospec {

struct Verdict {
  bool accepted = false;
  TokenId token = 0;  // the draft token when accepted, else a draw from (p - q)+ normalised
};

// `draft` was drawn from q; an empty q means it was proposed for certain (prompt lookup, argmax).
// Accepts with probability min(1, p/q). u_accept, u_residual: fresh independent uniforms in [0, 1).
// Example: p {a: .5, b: .5}, q {a: 1}: a accepted half the time, else b.
Verdict VerifyByRejection(const Distribution& p, const Distribution& q, TokenId draft,
                          double u_accept, double u_residual);

}  // namespace turbospec
