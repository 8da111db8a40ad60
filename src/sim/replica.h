// One serving machine of a simulation: the real engine with simulated models, on a clock of its own
// that its passes move. The simulation turns it and hands it requests; one thread.
#pragma once

#include <memory>
#include <vector>

#include "core/clock.h"
#include "engine/engine.h"
#include "model/fake_tokenizer.h"
#include "sim/metered_controller.h"
#include "sim/simulated_model.h"
#include "sim/simulation.h"

namespace turbospec {

// One finished request; times in virtual seconds since it arrived.
struct RequestTimes {
  std::size_t request = 0;
  Seconds first_token{0};
  Seconds per_token{0};  // after the first
};

class Replica {
 public:
  // `book` outlives the replica. `number` tells replicas' noise apart.
  static Result<std::unique_ptr<Replica>> Create(const Scenario& scenario, int number,
                                                 const RequestBook& book,
                                                 const MakeControllerFn& make_controller);

  // The request arrived at `at`, now or before. False: the queue is full.
  bool Submit(std::size_t request, Seconds at);

  void Turn() { engine_->RunOnce(); }

  // An idle machine waits until then.
  void WaitUntil(Seconds at) {
    if (at > clock_.Now()) clock_.Advance(at - clock_.Now());
  }

  Seconds now() const { return clock_.Now(); }
  int in_flight() const { return in_flight_; }
  std::int64_t tokens() const { return tokens_; }
  const StepMeter& meter() const { return meter_; }
  EngineStatistics Statistics() const { return engine_->Snapshot(); }

  // Requests that ended since the last call.
  std::vector<RequestTimes> TakeFinished() { return std::exchange(finished_, {}); }
  bool has_finished() const { return !finished_.empty(); }

 private:
  class Sink;

  Replica(const Scenario& scenario, int number, const RequestBook& book);

  ManualClock clock_;
  AcceptanceProcess acceptance_;
  MachineNoise noise_;
  FakeTokenizer tokenizer_;
  const RequestBook& book_;
  StepMeter meter_;
  std::vector<RequestTimes> finished_;
  int in_flight_ = 0;
  std::int64_t tokens_ = 0;
  std::unique_ptr<Engine> engine_;  // last: its sinks speak to the members above
};

}  // namespace turbospec
