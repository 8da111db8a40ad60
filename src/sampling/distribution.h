// A normalised distribution over the tokens that survive truncation, and its making from logits.
// Target (p) and draft (q) use the same transform, which is what the rejection rule needs.
#pragma once

#include <span>
#include <vector>

#include "sampling/sampling_parameters.h"
#include "turbospec/types.h"

namespace turbospec {

struct Distribution {
  // By rising id, not by probability: two distributions can then be walked side by side, and a
  // whole vocabulary need not be sorted for one draw.
  std::vector<TokenId> tokens;
  std::vector<float> probabilities;  // parallel, > 0, sum 1 up to rounding

  bool empty() const { return tokens.empty(); }
  // 0 for a token outside the support. O(log size).
  float ProbabilityOf(TokenId token) const;
};

// Temperature, top-k, top-p, min-p of `parameters` on `logits`; temperature 0 gives the one-point
// distribution on the argmax (the lowest id among equals). Among equal logits, truncation keeps
// the lower ids. Minus-infinite and NaN logits get no mass, nor do tokens e^86 times less likely
// than the likeliest. REQUIRES: at least one finite logit (without one: one point on the argmax).
// `out` is reused, so that steady state allocates nothing.
void Transform(std::span<const float> logits, const SamplingParameters& parameters,
               Distribution& out);

// Inverse transform: the token at cumulative mass u in [0, 1), by rising id. REQUIRES: not empty.
TokenId Draw(const Distribution& distribution, double u);

// Index of the largest logit, the lowest index among equals. NaN never wins; 0 when all are NaN.
TokenId ArgMax(std::span<const float> logits);

}  // namespace turbospec
