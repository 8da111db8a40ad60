// Whether two models of one vocabulary write the same greedy text. Both are fed the reference's
// tokens, in the same batches, so that every place is compared, also behind a difference; up to the
// first difference that is the candidate's own text as well. Called by one thread, which owns both
// models; costs a pass of each model per token of the longest text in a wave of prompts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "model/model.h"
#include "model/tokenizer.h"

namespace turbospec {

struct AgreementPrompt {
  std::string id;
  std::vector<TokenId> tokens;
};

// A place where the two would go on with different tokens.
struct Divergence {
  std::string prompt;
  int position = 0;  // of the generated text, 0-based
  TokenId reference_token = 0;
  TokenId candidate_token = 0;
  // By how much each model's logit of its own token exceeds that of the other's token. The other's
  // token is the runner-up wherever the two are nearly alike, so this is the gap of the top two.
  float reference_gap = 0;
  float candidate_gap = 0;

  // False also for a gap that is no number.
  bool IsNearTie(float bound) const { return reference_gap <= bound && candidate_gap <= bound; }
};

struct Agreement {
  int prompts = 0;
  int prompts_alike = 0;  // without any divergence
  std::int64_t tokens_compared = 0;
  std::vector<Divergence> divergences;
  float largest_logit_difference = 0;  // of any token at any place compared
  float largest_logit_span = 0;        // of the reference: from its least to its likeliest token
};

// Continues every prompt by up to `tokens` tokens, less where the text or the context ends before;
// as many prompts at once as both models have slots. kInvalidArgument when the models do not fit
// each other or a prompt does not fit them.
Result<Agreement> CompareGreedy(Model& reference, Model& candidate, const Tokenizer& tokenizer,
                                std::span<const AgreementPrompt> prompts, int tokens);

}  // namespace turbospec
