#include "server/metrics_page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace turbospec {

Route MetricsRoute(std::vector<std::shared_ptr<const prometheus::Collectable>> sources) {
  auto answer = [sources = std::move(sources)](const HttpRequest&) {
    std::vector<prometheus::MetricFamily> families;
    for (const auto& source : sources) {
      std::vector<prometheus::MetricFamily> collected = source->Collect();
      std::ranges::move(collected, std::back_inserter(families));
    }
    HttpResponse response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = prometheus::TextSerializer().Serialize(families);
    return response;
  };
  return {kMetricsPath, std::move(answer)};
}

}  // namespace turbospec
