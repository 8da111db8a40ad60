// Plays an ArrivalPlan: says when the next request is due and which item it asks. Driven by a load
// client in real time or by a simulator in virtual time, on one thread:
//
//   while (auto due = stream.NextTime()) {
//     ... wait until *due; on every answer before that, stream.Completed(now) and look again
//     Arrival arrival = stream.Take();
//   }
//
// NextTime() is empty when nothing is due until an answer comes, or ever: see Ended(). Open phases
// depend on the seed alone, never on answers; closed ones keep so many requests in flight, counting
// what earlier phases left behind. A call costs some hundred evaluations of a rate at most, plus
// O(phases left). Owns what it needs; copyable, a copy plays the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/clock.h"
#include "core/result.h"
#include "workload/arrival_plan.h"
#include "workload/mix.h"
#include "workload/workload.h"

namespace turbospec {

struct Arrival {
  Seconds at{0};         // since the start of the run
  std::size_t item = 0;  // position in Workload::items
  std::size_t phase = 0;
};

class ArrivalStream {
 public:
  // `mix` is for phases without one. Refuses a mix that names a class without items in `split`.
  static Result<ArrivalStream> Create(ArrivalPlan plan, const Workload& workload, const Mix& mix,
                                      Split split, std::uint64_t seed);

  // When the next request is due if no answer comes first. May lie in the past of a late caller.
  std::optional<Seconds> NextTime() const;

  // The request that NextTime() speaks of, which is now in flight. REQUIRES NextTime().
  Arrival Take();

  // One request in flight has been answered (or has failed) at that time.
  void Completed(Seconds at);

  // No further request will come, whatever is answered.
  bool Ended() const;

  int in_flight() const { return in_flight_; }

 private:
  struct Due {
    std::size_t phase;
    Seconds at;
    double mass;  // of the phase's unit process, at this arrival
  };

  ArrivalStream(ArrivalPlan plan, ItemSampler sampler, std::uint64_t seed);

  std::optional<Due> FindNext() const;
  std::optional<Due> NextInClosed(std::size_t phase, int clients) const;
  std::optional<Due> NextInOpen(std::size_t phase, const RateShape& shape) const;
  Seconds EndOf(std::size_t phase) const;

  ArrivalPlan plan_;
  std::vector<Seconds> starts_;
  ItemSampler sampler_;
  std::uint64_t seed_;
  std::size_t phase_ = 0;
  std::uint64_t taken_in_phase_ = 0;
  double mass_ = 0;  // of phase_'s unit process, at its last arrival
  Seconds now_{0};   // of the last arrival or answer
  int in_flight_ = 0;
};

}  // namespace turbospec
