// One request that holds a KV slot: its tokens, sampler and text, and what the current step decided
// for it. Owned by the engine loop, touched on the engine thread only.
//
// tokens = prompt + output. The target's KV holds tokens[0, in_kv). While the prompt is fed, in_kv
// is below prompt_size; from then on exactly the last token is missing.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/random.h"
#include "engine/generation.h"
#include "engine/output_text.h"
#include "proposers/proposer.h"
#include "sampling/sampler.h"

namespace turbospec {

struct ActiveRequest {
  RequestId id = 0;
  SlotId slot = 0;
  std::shared_ptr<GenerationSink> sink{};
  Seconds submitted{0};

  std::vector<TokenId> tokens{};
  int prompt_size = 0;
  int in_kv = 0;
  int max_output = 0;  // tokens, >= 1

  Sampler sampler;
  bool by_rejection = false;
  RandomStream random;  // fresh draws of the rejection rule
  OutputText text;
  bool ignore_end = false;
  double weight = 1.0;

  Proposal proposal{};                    // of the current step
  std::vector<LateGuess> late_guesses{};  // of the current step
  Distribution
      target_distribution{};  // of the row being verified by rejection; kept for its memory
  OutputDelta delta{};        // of the current step
  std::optional<Finish> finish{};
  GenerationUsage usage{};

  bool decoding() const { return in_kv >= prompt_size; }
  int size() const { return static_cast<int>(tokens.size()); }
  int output_size() const { return size() - prompt_size; }
};

}  // namespace turbospec
