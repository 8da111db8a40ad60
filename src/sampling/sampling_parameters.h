// How one request turns logits into tokens. A plain value, validated once when a request enters.
// Order of the transforms: logit bias, penalties, grammar, then temperature, top-k, top-p, min-p
// (top-p and min-p act on the tempered, already truncated distribution).
#pragma once

#include <cstdint>
#include <vector>

#include "core/result.h"
#include "turbospec/types.h"

namespace turbospec {

struct LogitBias {
  TokenId token = 0;
  float bias = 0;  // added to the logit; minus infinity bans the token
};

struct SamplingParameters {
  double temperature = 0.0;  // 0 = greedy; range [0, 100]
  int top_k = 0;             // 0 = off; keep the k largest
  double top_p = 1.0;        // (0, 1]; 1 = off; smallest set whose mass reaches top_p
  double min_p = 0.0;        // [0, 1]; 0 = off; drop tokens under min_p x the largest probability
  double repetition_penalty = 1.0;  // > 0; 1 = off; divides positive, multiplies negative logits
  double presence_penalty = 0.0;    // [-2, 2]; subtracted once from tokens seen in the window
  double frequency_penalty = 0.0;   // [-2, 2]; subtracted per occurrence in the window
  int penalty_window = 64;          // last tokens of prompt + output that penalties look at; >= 0
  std::vector<LogitBias> logit_bias{};
  std::uint64_t seed = 0;
  int logprobs = -1;  // -1 = none; n >= 0: logprob of the token and of the n <= 20 likeliest

  bool greedy() const { return temperature == 0.0; }
  bool has_penalties() const {
    return repetition_penalty != 1.0 || presence_penalty != 0.0 || frequency_penalty != 0.0;
  }
};

// The first field out of its range, by name and allowed range; bias tokens must be in the
// vocabulary.
Status Validate(const SamplingParameters& parameters, int vocabulary_size);

}  // namespace turbospec
