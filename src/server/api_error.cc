#include "server/api_error.h"

#include "server/response_json.h"

namespace turbospec {
namespace {

const char* ErrorType(int status) {
  if (status == 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

OutputJson TextOrNull(const std::string& text) {
  return text.empty() ? OutputJson(nullptr) : OutputJson(text);
}

}  // namespace

ApiError BadField(std::string param, std::string message) {
  return {400, std::move(message), std::move(param), "invalid_value"};
}

ApiError ToApiError(const Error& error, std::string param) {
  ApiError api{500, error.message, std::move(param), "internal_error"};
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
      api.status = 400;
      api.code = "invalid_value";
      break;
    case ErrorCode::kNotFound:
      api.status = 404;
      api.code = "not_found";
      break;
    case ErrorCode::kUnsupported:
      api.status = 400;
      api.code = "unsupported";
      break;
    case ErrorCode::kResourceExhausted:
      api.status = 429;
      api.code = "queue_full";
      break;
    case ErrorCode::kUnavailable:
      api.status = 503;
      api.code = "unavailable";
      break;
    case ErrorCode::kCancelled:
      api.status = 503;
      api.code = "cancelled";
      break;
    case ErrorCode::kInternal:
      break;
  }
  return api;
}

int RetryAfterSeconds(const ApiError& error) {
  return error.status == 429 || error.status == 503 ? 1 : 0;
}

std::string RenderError(const ApiError& error) {
  return Dump({{"error",
                {{"message", error.message},
                 {"type", ErrorType(error.status)},
                 {"param", TextOrNull(error.param)},
                 {"code", TextOrNull(error.code)}}}});
}

}  // namespace turbospec
