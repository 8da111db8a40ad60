// GET /metrics: what all sources collect, in Prometheus' text format. One page per server, made
// when the server is assembled; a scrape runs on an I/O thread and costs what the sources cost.
#pragma once

#include <prometheus/collectable.h>

#include <memory>
#include <vector>

#include "server/routes.h"

namespace turbospec {

inline constexpr const char* kMetricsPath = "/metrics";

// `sources` must collect from any thread; their metric names must differ.
Route MetricsRoute(std::vector<std::shared_ptr<const prometheus::Collectable>> sources);

}  // namespace turbospec
