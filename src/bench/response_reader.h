// Reads one HTTP/1.1 response from the pieces in which it comes and hands its body on, without
// chunk framing, as it arrives. One per response, one thread; copies nothing. Hides Beast's parser.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace turbospec {

class ResponseReader {
 public:
  // The view lives during the call.
  using OnBody = std::function<void(std::string_view piece)>;

  explicit ResponseReader(OnBody on_body);
  ~ResponseReader();

  // Number of bytes used; the caller gives the rest again with what follows it. An error if this is
  // no HTTP response.
  Result<std::size_t> Feed(std::string_view bytes);
  // The connection has ended: true if the response is complete.
  bool End();

  bool finished() const;
  int status() const;         // 0 before the headers
  bool event_stream() const;  // the content type says so

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace turbospec
