#include "server/routes.h"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

#include "core/random.h"
#include "server/request_json.h"
#include "server/response_json.h"

namespace turbospec {
namespace {

constexpr const char* kCompletionPath = "/v1/completions";
constexpr const char* kChatPath = "/v1/chat/completions";
constexpr const char* kHealthPath = "/health";
constexpr const char* kModelsPath = "/v1/models";

HttpResponse MethodNotAllowed(const HttpRequest& request, const char* allowed) {
  HttpResponse response = ErrorResponse(
      {405, request.method + " is not allowed for " + request.path + "; use " + allowed, "",
       "method_not_allowed"});
  response.headers.emplace_back("Allow", allowed);
  return response;
}

bool IsGet(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

std::string HexId(const char* prefix, std::uint64_t bits) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string id = prefix;
  for (int shift = 60; shift >= 0; shift -= 4) id += kDigits[(bits >> shift) & 15];
  return id;
}

}  // namespace

std::vector<std::string> ApiPaths() {
  return {kCompletionPath, kChatPath, kHealthPath, kModelsPath};
}

Routes::Routes(RouteParts parts) : parts_(std::move(parts)), started_(parts_.unix_seconds()) {
  parts_.extra.push_back({kModelsPath, [this](const HttpRequest&) { return Models(); }});
}

Routes::Outcome Routes::Handle(const HttpRequest& request, bool draining) {
  try {
    return Dispatch(request, draining);
  } catch (const std::exception& fault) {
    // Memory, or a fault in an extra route: this request fails, the server goes on.
    return ErrorResponse(ToApiError(Internal(fault.what())));
  }
}

Routes::Outcome Routes::Dispatch(const HttpRequest& request, bool draining) {
  const bool completion = request.path == kCompletionPath;
  if (completion || request.path == kChatPath) {
    return Generate(completion ? Endpoint::kCompletion : Endpoint::kChat, request, draining);
  }
  if (request.path == kHealthPath) {
    return IsGet(request) ? Health(draining) : MethodNotAllowed(request, "GET");
  }
  for (const Route& route : parts_.extra) {
    if (route.path != request.path) continue;
    return IsGet(request) ? route.answer(request) : MethodNotAllowed(request, "GET");
  }
  return ErrorResponse({404, "there is nothing at " + request.path, "", "not_found"});
}

HttpResponse Routes::Health(bool draining) const {
  const EngineStatistics statistics = parts_.engine->Snapshot();
  HttpResponse response;
  response.status = draining ? 503 : 200;
  response.body = Dump({{"status", draining ? "draining" : "ok"},
                        {"slots", parts_.engine->target_info().slots},
                        {"running", statistics.running},
                        {"waiting", statistics.waiting}});
  return response;
}

HttpResponse Routes::Models() const {
  HttpResponse response;
  OutputJson models = OutputJson::array();
  models.push_back({{"id", parts_.model_name},
                    {"object", "model"},
                    {"created", started_},
                    {"owned_by", "turbospec"}});
  response.body = Dump({{"object", "list"}, {"data", std::move(models)}});
  return response;
}

Routes::Outcome Routes::Generate(Endpoint endpoint, const HttpRequest& request, bool draining) {
  if (request.method != "POST") return MethodNotAllowed(request, "POST");
  if (draining) {
    return ErrorResponse(ToApiError(Unavailable("the server is shutting down; try another one")));
  }
  const std::uint64_t serial = serial_.fetch_add(1, std::memory_order_relaxed);
  auto plan = Plan(endpoint, request.body, serial);
  if (!plan.ok()) return ErrorResponse(plan.error());
  const char* prefix = endpoint == Endpoint::kChat ? "chatcmpl-" : "cmpl-";
  plan->identity.id = HexId(prefix, MixBits(parts_.id_seed ^ MixBits(serial)));
  plan->identity.created = parts_.unix_seconds();
  if (plan->identity.model.empty()) plan->identity.model = parts_.model_name;
  return *std::move(plan);
}

ApiResult<GenerationPlan> Routes::Plan(Endpoint endpoint, const std::string& body,
                                       std::uint64_t serial) {
  auto json = ParseRequestJson(body);
  if (!json.ok()) return json.error();
  const int vocabulary_size = parts_.language.tokenizer->vocabulary_size();
  const std::uint64_t fresh_seed = MixBits(~parts_.id_seed ^ MixBits(serial));
  if (endpoint == Endpoint::kChat) {
    auto request = ParseChatRequest(*json, vocabulary_size);
    if (!request.ok()) return request.error();
    return PlanChat(*std::move(request), parts_.language, fresh_seed);
  }
  auto request = ParseCompletionRequest(*json, vocabulary_size);
  if (!request.ok()) return request.error();
  return PlanCompletion(*std::move(request), parts_.language, fresh_seed);
}

}  // namespace turbospec
