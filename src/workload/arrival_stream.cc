#include "workload/arrival_stream.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "core/random.h"

namespace turbospec {

Result<ArrivalStream> ArrivalStream::Create(ArrivalPlan plan, const Workload& workload,
                                            const Mix& mix, Split split, std::uint64_t seed) {
  if (plan.phases.empty()) return InvalidArgument("arrivals: there is no phase");
  ItemSampler sampler(workload, split, seed);
  for (ArrivalPhase& phase : plan.phases) {
    if (phase.mix.shares.empty()) phase.mix = mix;
    if (Status drawable = sampler.CanDraw(phase.mix); !drawable) return drawable.error();
  }
  return ArrivalStream(std::move(plan), std::move(sampler), seed);
}

ArrivalStream::ArrivalStream(ArrivalPlan plan, ItemSampler sampler, std::uint64_t seed)
    : plan_(std::move(plan)), sampler_(std::move(sampler)), seed_(seed) {
  Seconds start{0};
  for (const ArrivalPhase& phase : plan_.phases) {
    starts_.push_back(start);
    start += phase.duration;
  }
}

Seconds ArrivalStream::EndOf(std::size_t phase) const {
  return starts_[phase] + plan_.phases[phase].duration;
}

std::optional<ArrivalStream::Due> ArrivalStream::NextInClosed(std::size_t phase,
                                                              int clients) const {
  const Seconds at = std::max(starts_[phase], now_);
  if (in_flight_ >= clients || at >= EndOf(phase)) return std::nullopt;
  return Due{phase, at, 0};
}

std::optional<ArrivalStream::Due> ArrivalStream::NextInOpen(std::size_t phase,
                                                            const RateShape& shape) const {
  const bool current = phase == phase_;
  const std::uint64_t draw = current ? taken_in_phase_ : 0;
  const double uniform = UniformAt(MixBits(MixBits(seed_) + phase), draw);
  const double mass = (current ? mass_ : 0) - std::log1p(-uniform);
  const std::optional<Seconds> at = TimeOfMass(shape, mass, plan_.phases[phase].duration);
  if (!at || *at >= plan_.phases[phase].duration) return std::nullopt;
  return Due{phase, starts_[phase] + *at, mass};
}

std::optional<ArrivalStream::Due> ArrivalStream::FindNext() const {
  for (std::size_t phase = phase_; phase < plan_.phases.size(); ++phase) {
    const auto& load = plan_.phases[phase].load;
    const auto* closed = std::get_if<ClosedLoop>(&load);
    const std::optional<Due> due = closed ? NextInClosed(phase, closed->clients)
                                          : NextInOpen(phase, std::get<RateShape>(load));
    if (due) return due;
    if (EndOf(phase) == Seconds(std::numeric_limits<double>::infinity())) break;
  }
  return std::nullopt;
}

std::optional<Seconds> ArrivalStream::NextTime() const {
  const std::optional<Due> due = FindNext();
  if (!due) return std::nullopt;
  return due->at;
}

Arrival ArrivalStream::Take() {
  const std::optional<Due> due = FindNext();
  assert(due && "Take() without NextTime()");
  if (due->phase != phase_) taken_in_phase_ = 0;
  phase_ = due->phase;
  ++taken_in_phase_;
  mass_ = due->mass;
  now_ = std::max(now_, due->at);
  ++in_flight_;
  return {due->at, sampler_.Next(plan_.phases[phase_].mix), phase_};
}

void ArrivalStream::Completed(Seconds at) {
  assert(in_flight_ > 0);
  --in_flight_;
  now_ = std::max(now_, at);
}

bool ArrivalStream::Ended() const {
  if (FindNext()) return false;
  // Only a closed phase that is not over can still ask, when an answer comes.
  for (std::size_t phase = phase_; phase < plan_.phases.size(); ++phase) {
    const bool closed = std::holds_alternative<ClosedLoop>(plan_.phases[phase].load);
    if (closed && std::max(starts_[phase], now_) < EndOf(phase)) return false;
  }
  return true;
}

}  // namespace turbospec
