#include "bench/workload_source.h"

#include <utility>

namespace turbospec {

Result<WorkloadSource> WorkloadSource::Create(BenchPrompts prompts, WorkloadSourceOptions options) {
  auto arrivals = ArrivalStream::Create(std::move(options.arrivals), prompts.workload, options.mix,
                                        options.split, options.seed);
  if (!arrivals) return arrivals.error();
  return WorkloadSource(std::move(prompts), *std::move(arrivals), std::move(options.fields));
}

WorkloadSource::WorkloadSource(BenchPrompts prompts, ArrivalStream arrivals, BodyFields fields)
    : prompts_(std::move(prompts)), arrivals_(std::move(arrivals)), fields_(std::move(fields)) {}

BenchRequest WorkloadSource::Take() {
  const Arrival arrival = arrivals_.Take();
  return MakeBenchRequest(arrival.at, prompts_.bodies[arrival.item], fields_,
                          prompts_.workload.items[arrival.item].class_name);
}

TraceSource::TraceSource(std::vector<TimedItem> items, BodyFields fields)
    : items_(std::move(items)), fields_(std::move(fields)) {}

std::optional<Seconds> TraceSource::NextTime() const {
  if (Ended()) return std::nullopt;
  return items_[next_].at;
}

BenchRequest TraceSource::Take() {
  const TimedItem& next = items_[next_++];
  return MakeBenchRequest(next.at, BodyOf(next.item), fields_, next.item.class_name);
}

}  // namespace turbospec
