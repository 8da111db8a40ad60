// Continuous batching with speculation: owns target, draft, KV slots and controller. One thread
// runs the loop (Run or RunOnce); Submit, Cancel, Snapshot and Stop may be called from any thread.
// A turn of the loop: take in -> plan draft -> propose -> plan verify -> verify -> commit -> learn.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "engine/engine_statistics.h"
#include "engine/generation.h"
#include "model/model.h"
#include "model/tokenizer.h"
#include "proposers/proposer.h"
#include "turbospec/controller.h"

namespace turbospec {

struct EngineOptions {
  int max_waiting = 256;  // requests that may wait for a slot; more are refused
  // Prompt rows per step while others decode; up to four times as many while more requests wait
  // for their prompts than decode; all that fit if none decodes.
  int prefill_rows_per_step = 64;
  int reuse_at_least = 8;  // prompt tokens a cached prefix must save to prefer its slot
  std::uint64_t seed = 0;  // of requests that bring none; the same seed repeats a run
};

// What an engine is assembled from. tokenizer and clock outlive the engine.
struct EngineParts {
  std::unique_ptr<Model> target;
  std::vector<std::unique_ptr<Proposer>> proposers;  // at most one of each kind
  std::unique_ptr<Controller> controller;
  const Tokenizer* tokenizer = nullptr;
  const Clock* clock = nullptr;
};

class Engine {
 public:
  // kInvalidArgument with the field's name when options or parts do not fit each other.
  static Result<std::unique_ptr<Engine>> Create(EngineParts parts, const EngineOptions& options);
  virtual ~Engine() = default;

  // Refuses at once what can never run (empty prompt, prompt longer than the context, token out of
  // the vocabulary, bad sampling) and, with kResourceExhausted, what does not fit the queue;
  // kUnavailable after Stop. `sink` is kept until its last delivery.
  virtual Result<RequestId> Submit(GenerationRequest request,
                                   std::shared_ptr<GenerationSink> sink) = 0;

  // Ends a request at the next turn, with FinishReason::kCancelled. Unknown ids are ignored.
  virtual void Cancel(RequestId request) = 0;

  // One turn. False when there was nothing to do. Engine thread only.
  virtual bool RunOnce() = 0;

  // Turns until Stop; sleeps while there is nothing to do. Engine thread only.
  virtual void Run() = 0;

  enum class StopMode { kDrain, kNow };  // finish accepted requests | cancel them
  // No new requests from now on; Run returns when the accepted ones are done or cancelled.
  // May be called again to go from kDrain to kNow.
  virtual void Stop(StopMode mode) = 0;

  virtual EngineStatistics Snapshot() const = 0;
  virtual const ModelInfo& target_info() const = 0;
};

}  // namespace turbospec
