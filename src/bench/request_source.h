// The seam to whatever decides what is sent and when: prompt files, workload files, tests. The load
// client asks for one request at a time, on its I/O thread, just before it is due; a call should
// take microseconds.
#pragma once

#include <optional>
#include <string>

#include "core/clock.h"

namespace turbospec {

struct BenchRequest {
  Seconds arrival{0};      // open loop: since the first request; must not decrease
  std::string path;        // "/v1/completions" or "/v1/chat/completions"
  std::string body;        // JSON; must ask for streaming with usage
  std::string class_name;  // requests of one class are also reported together; "" = none
};

class RequestSource {
 public:
  virtual ~RequestSource() = default;
  // nullopt: no more, then and for ever.
  virtual std::optional<BenchRequest> Next() = 0;
};

}  // namespace turbospec
