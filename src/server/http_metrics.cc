#include "server/http_metrics.h"

#include <algorithm>
#include <utility>

namespace turbospec {
HttpMetrics::HttpMetrics(std::vector<std::string> routes)
    : routes_(std::move(routes)),
      // From a health check to a long answer on a small machine.
      bucket_ends_{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                   0.5,   1,      2.5,   5,    10,    25,   60,  180},
      answers_(prometheus::BuildCounter()
                   .Name("turbospec_http_requests_total")
                   .Help("Answered HTTP requests, by route and status; status none: the client "
                         "left before an answer began.")
                   .Register(registry_)),
      durations_(prometheus::BuildHistogram()
                     .Name("turbospec_http_request_duration_seconds")
                     .Help("From the complete request to the last byte of its answer, or to its "
                           "being cut off, by route.")
                     .Register(registry_)) {}

const std::string& HttpMetrics::RouteOf(const std::string& path) const {
  const auto known = std::ranges::find(routes_, path);
  return known == routes_.end() ? other_ : *known;
}

void HttpMetrics::Record(const AccessRecord& record) {
  const std::string& route = RouteOf(record.path);
  const std::string status = record.status == 0 ? "none" : std::to_string(record.status);
  answers_.Add({{"route", route}, {"status", status}}).Increment();
  durations_.Add({{"route", route}}, bucket_ends_).Observe(record.took.count());
}

}  // namespace turbospec
