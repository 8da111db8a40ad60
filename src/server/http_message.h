// HTTP/1.x messages as plain values, and the bytes of responses. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/api_error.h"

namespace turbospec {

struct HttpRequest {
  std::string method;  // "GET"
  std::string path;    // as sent, without the query
  std::string query;   // what followed '?', else ""
  std::string body;
  bool chunked_allowed = true;  // false for HTTP/1.0
  bool keep_alive = true;       // the client wants to go on after the response
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // beyond type, length and connection
};

HttpResponse ErrorResponse(const ApiError& error);

// Head and body; the body is left out in answer to HEAD.
std::string SerializeResponse(const HttpResponse& response, bool keep_alive, bool head_only);

// How the body of a stream is framed: chunks, or, for HTTP/1.0, everything up to the close.
enum class StreamFraming { kChunked, kUntilClose };

// Head of a 200 response whose server-sent events follow.
std::string SerializeStreamHead(StreamFraming framing, bool keep_alive);
void AppendStreamPart(StreamFraming framing, std::string_view part, std::string& out);
void AppendStreamEnd(StreamFraming framing, std::string& out);

}  // namespace turbospec
