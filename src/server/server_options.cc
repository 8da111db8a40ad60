#include "server/server_options.h"

#include <array>
#include <cmath>

namespace turbospec {

Status Validate(const ServerOptions& options) {
  if (options.host.empty()) return InvalidArgument("host must not be empty; try 127.0.0.1");
  if (options.port < 0 || options.port > 65535) {
    return InvalidArgument("port must be between 0 and 65535");
  }
  if (options.io_threads < 1 || options.io_threads > 64) {
    return InvalidArgument("io_threads must be between 1 and 64");
  }
  if (options.max_connections < 1) return InvalidArgument("max_connections must be at least 1");

  struct ByteLimit {
    const char* name;
    std::size_t value;
  };
  const std::array<ByteLimit, 6> byte_limits{{
      {"max_header_bytes", options.max_header_bytes},
      {"max_body_bytes", options.max_body_bytes},
      {"max_pipelined_bytes", options.max_pipelined_bytes},
      {"max_outbox_bytes", options.max_outbox_bytes},
      {"max_outbox_deltas", options.max_outbox_deltas},
      {"max_response_bytes", options.max_response_bytes},
  }};
  for (const ByteLimit& limit : byte_limits) {
    if (limit.value == 0) return InvalidArgument(std::string(limit.name) + " must be at least 1");
  }
  // The HTTP parser counts header bytes in 32 bits.
  if (options.max_header_bytes > 1024 * 1024) {
    return InvalidArgument("max_header_bytes must be at most 1048576");
  }

  struct TimeLimit {
    const char* name;
    Seconds value;
  };
  const std::array<TimeLimit, 5> time_limits{{
      {"header_timeout", options.header_timeout},
      {"body_timeout", options.body_timeout},
      {"idle_timeout", options.idle_timeout},
      {"write_timeout", options.write_timeout},
      {"linger_timeout", options.linger_timeout},
  }};
  for (const TimeLimit& limit : time_limits) {
    if (!(limit.value.count() > 0 && limit.value.count() <= 86400)) {
      return InvalidArgument(std::string(limit.name) + " must be above 0 and at most 86400 s");
    }
  }
  return Ok();
}

}  // namespace turbospec
