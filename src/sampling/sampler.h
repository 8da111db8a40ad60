// The sampler chain of one request: bias, penalties, grammar, truncation, draw. The engine calls it
// for every row it verifies, on the engine thread; a greedy row without constraints costs one walk
// over the vocabulary. Owns the request's grammar state and penalty window.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "model/grammar.h"
#include "sampling/distribution.h"
#include "sampling/sampling_parameters.h"
#include "turbospec/types.h"

namespace turbospec {

struct TokenLogprob {
  TokenId token = 0;
  float logprob = 0;  // natural logarithm, of the model's own distribution (temperature 1, no bias)
};

struct SampledToken {
  TokenId token = 0;
  float logprob = 0;              // filled when logprobs >= 0
  std::vector<TokenLogprob> top;  // the `logprobs` likeliest, falling
};

class Sampler {
 public:
  // REQUIRES: Validate(parameters) passed. `grammar` may be null.
  Sampler(SamplingParameters parameters, std::unique_ptr<Grammar> grammar,
          std::span<const TokenId> prompt);

  const SamplingParameters& parameters() const { return parameters_; }

  // True when only temperature, top-k, top-p and min-p act: the rejection rule applies, and the
  // request's labels may train shared acceptance weights.
  bool plain() const;

  // The next token given the raw logits of its row. u in [0, 1); unused when greedy. A function of
  // its arguments and of the tokens accepted so far, nothing else.
  TokenId Sample(std::span<const float> logits, double u);

  // True when bias and grammar left no token to the last Sample, which then returned the raw
  // argmax. The request cannot go on within its constraints.
  bool dead_end() const { return dead_end_; }

  // The distribution that Sample draws from. REQUIRES: plain().
  void TargetDistribution(std::span<const float> logits, Distribution& out) const;

  // The token was committed: moves the grammar and the penalty window. A token that the grammar
  // does not allow (after a dead end) leaves the grammar where it is.
  void Accept(TokenId token);

  // Adds logprobs of `token` in the raw distribution when the request asked for them.
  SampledToken Describe(std::span<const float> logits, TokenId token) const;

 private:
  bool penalises() const { return parameters_.has_penalties() && parameters_.penalty_window > 0; }
  void Remember(TokenId token);
  void ApplyBiasAndPenalties(std::span<float> logits) const;
  TokenId SampleConstrained(std::span<const float> logits, double u);

  SamplingParameters parameters_;
  std::unique_ptr<Grammar> grammar_;
  std::deque<TokenId> window_;
  std::unordered_map<TokenId, int> counts_;  // occurrences in window_
  std::vector<float> scratch_;               // adjusted logits
  Distribution distribution_;
  bool dead_end_ = false;
};

}  // namespace turbospec
