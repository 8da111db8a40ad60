// Counts the server's answers by route and status, and how long they took by route. Fed with access
// records; a path that is not a known route counts as "other", so that clients cannot make up
// series. Any thread; an answer costs two short locks and some small allocations.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <string>
#include <vector>

#include "server/access_record.h"

namespace turbospec {

class HttpMetrics final : public prometheus::Collectable {
 public:
  // `routes`: paths with series of their own.
  explicit HttpMetrics(std::vector<std::string> routes);

  void Record(const AccessRecord& record);

  std::vector<prometheus::MetricFamily> Collect() const override { return registry_.Collect(); }

 private:
  const std::string& RouteOf(const std::string& path) const;

  const std::vector<std::string> routes_;
  const std::string other_ = "other";
  const prometheus::Histogram::BucketBoundaries bucket_ends_;  // seconds
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& answers_;
  prometheus::Family<prometheus::Histogram>& durations_;
};

}  // namespace turbospec
