// What a caller hands to the engine and what it gets back. Plain values; the sink is the only call
// back. The server, the command line and the simulator all speak this.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "model/grammar.h"
#include "sampling/sampler.h"
#include "sampling/sampling_parameters.h"
#include "turbospec/types.h"

namespace turbospec {

enum class AcceptanceRule {
  kAuto,       // rejection where it applies and no seed was asked for, else match
  kMatch,      // sample from the target, accept draft tokens that equal the sample; any sampler
  kRejection,  // speculative sampling; plain samplers only
};

struct GenerationRequest {
  std::vector<TokenId> prompt;  // at least one token
  SamplingParameters sampling;
  bool seed_given = false;  // the caller fixed sampling.seed and expects the same text again
  std::unique_ptr<Grammar> grammar;  // null = unconstrained
  int max_tokens = 0;                // output limit; 0 = as far as the context goes
  std::vector<std::string> stop;     // texts that end the output; not part of it
  bool ignore_end = false;           // do not stop at end-of-generation tokens
  AcceptanceRule rule = AcceptanceRule::kAuto;
  double weight = 1.0;  // > 0; share in the goodput sum
};

enum class FinishReason { kStop, kLength, kCancelled, kError };

// What one request cost; times are since Submit, on the engine's clock.
struct GenerationUsage {
  int prompt_tokens = 0;
  int reused_prompt_tokens = 0;  // of these, found in the slot's KV
  int output_tokens = 0;
  int steps = 0;  // target passes that verified this request
  int drafted = 0;
  int verified = 0;
  int accepted = 0;
  Seconds first_token{0};
  Seconds total{0};
};

struct Finish {
  FinishReason reason = FinishReason::kStop;
  std::string stop_text{};       // the stop string that ended it, else ""
  std::optional<Error> error{};  // set for kError
  GenerationUsage usage{};
};

struct OutputToken {
  SampledToken sampled;
  std::string_view piece;  // bytes; lives as long as the tokenizer
};

// One delivery: what a step committed for one request. `text` is whole UTF-8 characters only.
struct OutputDelta {
  RequestId request = 0;
  std::string text{};
  std::vector<OutputToken> tokens{};
  std::optional<Finish> finish{};  // set in the last delivery
};

// Receives a request's output on the engine thread. Must return quickly and never block; it may
// call Engine::Cancel. Exactly one delivery has `finish`, and none follows it.
class GenerationSink {
 public:
  virtual ~GenerationSink() = default;
  virtual void Deliver(OutputDelta delta) = 0;
};

}  // namespace turbospec
