// Which request is answered by what. Runs on I/O threads, any number at a time; everything it holds
// is immutable or atomic. Costs a lookup, plus parsing and tokenizing for the generation endpoints.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "engine/engine.h"
#include "server/generation_plan.h"
#include "server/http_message.h"

namespace turbospec {

// A GET path that is answered at once: how /metrics and static files join the server. `answer` must
// be safe to call from several threads and quick.
struct Route {
  std::string path;
  std::function<HttpResponse(const HttpRequest&)> answer;
};

struct RouteParts {
  Engine* engine = nullptr;
  LanguageParts language;
  std::string model_name;
  std::function<std::int64_t()> unix_seconds;
  std::uint64_t id_seed = 0;
  std::vector<Route> extra;
};

// The paths that every server answers, beside those of RouteParts::extra.
std::vector<std::string> ApiPaths();

class Routes {
 public:
  explicit Routes(RouteParts parts);

  // Either the response, or what must be generated for it. Never throws.
  using Outcome = std::variant<HttpResponse, GenerationPlan>;
  Outcome Handle(const HttpRequest& request, bool draining);

 private:
  Outcome Dispatch(const HttpRequest& request, bool draining);
  HttpResponse Health(bool draining) const;
  HttpResponse Models() const;
  ApiResult<GenerationPlan> Plan(Endpoint endpoint, const std::string& body, std::uint64_t serial);
  Outcome Generate(Endpoint endpoint, const HttpRequest& request, bool draining);

  RouteParts parts_;
  std::int64_t started_;  // Unix time, seconds
  std::atomic<std::uint64_t> serial_{0};
};

}  // namespace turbospec
