// Settings of the HTTP server, checked once when it is created. Plain values; every limit exists to
// keep an untrusted client from holding memory, a connection or the engine for nothing.
#pragma once

#include <cstddef>
#include <string>

#include "core/clock.h"
#include "core/result.h"

namespace turbospec {

struct ServerOptions {
  std::string host = "127.0.0.1";  // address or name to listen on
  int port = 8080;                 // 0 = let the system pick; Server::port() tells
  int io_threads = 2;              // 1..64
  std::string model_name;          // what /v1/models says; "" = the target model's own name

  int max_connections = 1024;                          // further ones are answered 503 and closed
  std::size_t max_header_bytes = 16 * 1024;            // 431 beyond
  std::size_t max_body_bytes = 8 * 1024 * 1024;        // 413 beyond
  std::size_t max_pipelined_bytes = 64 * 1024;         // read ahead while a response is in progress
  std::size_t max_outbox_bytes = 1024 * 1024;          // streamed output that a slow client may owe
  std::size_t max_outbox_deltas = 8192;                // the same, in deliveries of the engine
  std::size_t max_response_bytes = 256 * 1024 * 1024;  // output of one request that is not streamed

  Seconds header_timeout{10};  // from the first byte of a request to its last header
  Seconds body_timeout{60};    // from the last header to the end of the body
  Seconds idle_timeout{75};    // without a byte of a request
  Seconds write_timeout{30};   // for one write to be taken by the client
  Seconds linger_timeout{2};   // wait for the client's end of a connection that we closed
};

// The first field out of its range, by name and allowed range.
Status Validate(const ServerOptions& options);

}  // namespace turbospec
