// The engine's counters as Prometheus metrics, under names that docs/http_api.md lists. Keeps
// nothing: every scrape takes one snapshot, so that what it shows belongs together. Any thread;
// costs the snapshot and some dozens of small allocations.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <functional>
#include <vector>

#include "engine/engine_statistics.h"

namespace turbospec {

// The snapshot in Prometheus terms. Pure.
std::vector<prometheus::MetricFamily> MetricsOf(const EngineStatistics& statistics);

class EngineMetrics final : public prometheus::Collectable {
 public:
  // `snapshot` is called once a scrape, from any thread.
  explicit EngineMetrics(std::function<EngineStatistics()> snapshot)
      : snapshot_(std::move(snapshot)) {}

  std::vector<prometheus::MetricFamily> Collect() const override { return MetricsOf(snapshot_()); }

 private:
  std::function<EngineStatistics()> snapshot_;
};

}  // namespace turbospec
