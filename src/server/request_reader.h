// Bytes of one connection to HTTP requests, one after the other (pipelining). Knows nothing of
// sockets; the HTTP parser is behind this seam so that one source pays for compiling it. One
// strand.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "server/api_error.h"
#include "server/http_message.h"

namespace turbospec {

struct ReadLimits {
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_body_bytes = 8 * 1024 * 1024;
};

class RequestReader {
 public:
  explicit RequestReader(const ReadLimits& limits);
  ~RequestReader();

  // Keeps the bytes that arrived; nothing is parsed until Advance.
  void Append(std::string_view bytes);
  std::size_t buffered() const;  // bytes not parsed yet

  enum class State {
    kIdle,      // no byte of the next request yet
    kHeader,    // more header bytes needed
    kBody,      // more body bytes needed
    kComplete,  // Take() it
    kFailed,    // error() says why; the connection cannot be used any more
  };
  State Advance();

  // The client waits for "100 Continue" before it sends the body. True once per request.
  bool TakeExpectation();

  // REQUIRES: Advance() gave kComplete. Then the next request begins.
  HttpRequest Take();
  const ApiError& error() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace turbospec
