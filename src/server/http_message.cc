#include "server/http_message.h"

#include <array>
#include <charconv>

namespace turbospec {
namespace {

std::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Other";
  }
}

void AppendHeader(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void AppendStatusLine(int status, std::string& out) {
  out.append("HTTP/1.1 ").append(std::to_string(status)).append(" ");
  out.append(Reason(status)).append("\r\n");
}

}  // namespace

HttpResponse ErrorResponse(const ApiError& error) {
  HttpResponse response{error.status, "application/json", RenderError(error), {}};
  if (const int seconds = RetryAfterSeconds(error); seconds > 0) {
    response.headers.emplace_back("Retry-After", std::to_string(seconds));
  }
  return response;
}

std::string SerializeResponse(const HttpResponse& response, bool keep_alive, bool head_only) {
  std::string out;
  out.reserve(256 + response.body.size());
  AppendStatusLine(response.status, out);
  AppendHeader("Content-Type", response.content_type, out);
  AppendHeader("Content-Length", std::to_string(response.body.size()), out);
  for (const auto& [name, value] : response.headers) AppendHeader(name, value, out);
  AppendHeader("Connection", keep_alive ? "keep-alive" : "close", out);
  out += "\r\n";
  if (!head_only) out += response.body;
  return out;
}

std::string SerializeStreamHead(StreamFraming framing, bool keep_alive) {
  std::string out;
  AppendStatusLine(200, out);
  AppendHeader("Content-Type", "text/event-stream; charset=utf-8", out);
  AppendHeader("Cache-Control", "no-cache", out);
  AppendHeader("X-Accel-Buffering", "no", out);  // a reverse proxy must not hold events back
  if (framing == StreamFraming::kChunked) AppendHeader("Transfer-Encoding", "chunked", out);
  AppendHeader("Connection", keep_alive ? "keep-alive" : "close", out);
  out += "\r\n";
  return out;
}

void AppendStreamPart(StreamFraming framing, std::string_view part, std::string& out) {
  if (part.empty()) return;  // an empty chunk would end the body
  if (framing == StreamFraming::kUntilClose) {
    out += part;
    return;
  }
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), part.size(), 16);
  out.append(digits.data(), end.ptr).append("\r\n").append(part).append("\r\n");
}

void AppendStreamEnd(StreamFraming framing, std::string& out) {
  if (framing == StreamFraming::kChunked) out += "0\r\n\r\n";
}

}  // namespace turbospec
