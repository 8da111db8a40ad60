// The requests of a simulation and their texts. Both models of a replica know every text by heart:
// the target's next token is a function of (request, position), which a slot reads off the
// request's first tokens. So one object stands for the language, and a token costs one hash.
// Written by the simulation when a request arrives, read by the models; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "turbospec/types.h"

namespace turbospec {

// How much of an answer repeats the prompt: stretches of `run` copied tokens between new text, so
// that a share `share` of the answer is copied. Within a stretch every token is replaced by another
// with probability 1 - fidelity.
struct CopyOptions {
  double share = 0;  // 0 ... 0.95
  int run = 32;      // tokens, >= 1; prompts are longer than this
  double fidelity = 0.98;
};

struct SimulatedRequest {
  std::size_t class_index = 0;
  std::uint64_t seed = 0;  // its text and its acceptance; the same in every run of a scenario
  int prompt_tokens = 0;   // > kNameTokens
  int output_tokens = 0;
  CopyOptions copy{};
};

class RequestBook {
 public:
  static constexpr int kVocabulary = 256;  // enough that new text seldom repeats itself
  static constexpr int kNameTokens = 3;    // a prompt begins with its index: 16 million requests

  std::size_t Add(const SimulatedRequest& request);
  const SimulatedRequest& At(std::size_t index) const { return requests_[index]; }
  std::size_t size() const { return requests_.size(); }

  // The token at a position of prompt + answer, whatever the length of the answer.
  TokenId TokenAt(std::size_t index, int position) const;
  std::vector<TokenId> Prompt(std::size_t index) const;

  // The request whose prompt begins so, or size() if there is none.
  std::size_t IndexOf(std::span<const TokenId, kNameTokens> name) const;

 private:
  std::vector<SimulatedRequest> requests_;
};

}  // namespace turbospec
