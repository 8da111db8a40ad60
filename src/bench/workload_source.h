// The sources of requests that the load client has: prompts of a workload by a plan of arrivals,
// and a recorded trace at its own times. Pure in the seed. Driven by the load client on its thread;
// a request costs its JSON. They own what they are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "bench/bench_prompt.h"
#include "bench/request_source.h"
#include "core/result.h"
#include "workload/arrival_plan.h"
#include "workload/arrival_stream.h"
#include "workload/mix.h"
#include "workload/trace_fill.h"

namespace turbospec {

struct WorkloadSourceOptions {
  ArrivalPlan arrivals;
  Mix mix;  // for phases without one
  Split split = Split::kTune;
  std::uint64_t seed = 0;  // of arrivals and items
  BodyFields fields;
};

class WorkloadSource final : public RequestSource {
 public:
  // Refuses a mix that names a class without prompts in the split.
  static Result<WorkloadSource> Create(BenchPrompts prompts, WorkloadSourceOptions options);

  std::optional<Seconds> NextTime() const override { return arrivals_.NextTime(); }
  BenchRequest Take() override;
  void Completed(Seconds at) override { arrivals_.Completed(at); }
  bool Ended() const override { return arrivals_.Ended(); }

 private:
  WorkloadSource(BenchPrompts prompts, ArrivalStream arrivals, BodyFields fields);

  BenchPrompts prompts_;
  ArrivalStream arrivals_;
  BodyFields fields_;
};

class TraceSource final : public RequestSource {
 public:
  // `items` in order of time, as FillTrace makes them.
  TraceSource(std::vector<TimedItem> items, BodyFields fields);

  std::optional<Seconds> NextTime() const override;
  BenchRequest Take() override;
  void Completed(Seconds) override {}
  bool Ended() const override { return next_ == items_.size(); }

 private:
  std::vector<TimedItem> items_;
  BodyFields fields_;
  std::size_t next_ = 0;
};

}  // namespace turbospec
