// For tests of the engine: a small world of fakes, a random script of requests with arrivals, stop
// strings and cancellations, its run through a real Engine, and an oracle that computes the same
// texts one token at a time without any engine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "engine/engine.h"
#include "model/fake_model.h"
#include "model/fake_tokenizer.h"
#include "model/faulty_model.h"

namespace turbospec {

// What one request's sink saw.
struct Received {
  std::string text;
  int tokens = 0;
  std::optional<Finish> finish;
  int deliveries_after_finish = 0;
};

class CollectingSink final : public GenerationSink {
 public:
  explicit CollectingSink(std::shared_ptr<Received> received) : received_(std::move(received)) {}
  void Deliver(OutputDelta delta) override;

 private:
  std::shared_ptr<Received> received_;
};

struct ScriptedRequest {
  std::vector<TokenId> prompt;
  SamplingParameters sampling;
  AcceptanceRule rule = AcceptanceRule::kMatch;
  std::vector<std::string> stop;
  int max_tokens = 8;
  int arrives_at = 0;     // turn of the loop
  int cancelled_at = -1;  // turn of the loop; -1 = never
};

struct Script {
  std::uint64_t seed = 0;
  FakeModelOptions model;
  int language_order = 2;
  double agreement = 0.7;  // of the draft with the target
  TokenId end_token = -1;
  std::vector<ScriptedRequest> requests;
};

// A script for every seed: vocabulary, slots, batch rule, prompts, limits, mixes all vary.
Script RandomScript(std::uint64_t seed);

LogitsFn TargetLanguage(const Script& script);

// The text of a request that is never cancelled, one token at a time by the sampler's own rule.
std::string OracleText(const Script& script, const ScriptedRequest& request);

struct RunOptions {
  std::function<std::unique_ptr<Controller>()> controller;
  bool lookup = true;
  bool draft_model = true;
  FaultFn target_fails = nullptr;
  FaultFn draft_fails = nullptr;
  std::uint64_t engine_seed = 0;
};

struct RunResult {
  std::vector<Received> received;  // by request
  EngineStatistics statistics;
  std::string refused;  // the first Submit error, "" if none
  int target_calls = 0;
};

// Runs the script to its end on this thread. A run that does not end within a generous number of
// turns is reported in `refused`.
RunResult RunScript(const Script& script, const RunOptions& options);

// Depths, verified lengths and padding drawn at random; trims only by evidence the causal rule
// allows. Exercises shapes that no sensible controller would choose.
std::unique_ptr<Controller> MakeErraticController(std::uint64_t seed, int max_depth);

}  // namespace turbospec
