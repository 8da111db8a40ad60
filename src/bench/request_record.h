// What happened to one request, as the client saw it. Times are seconds since the measurement
// began. Written by StreamRequest, read by the summary and the reports.
#pragma once

#include <string>
#include <vector>

#include "core/clock.h"

namespace turbospec {

enum class Outcome {
  kCompleted,      // the stream ended with [DONE]
  kConnectFailed,  // refused, unreachable or no socket left
  kTimedOut,       // the limit per request passed
  kHttpError,      // a status other than 200; see http_status
  kStreamError,    // an error event inside the stream
  kClosedEarly,    // the connection ended before [DONE]
  kBadResponse,    // not HTTP, or not an event stream
  kCancelled,      // the run was interrupted; no fault of the server
};

struct RequestRecord {
  std::string class_name;
  // When it was due: the origin of every latency. In a closed loop the moment its client was free.
  Seconds scheduled{0};
  Seconds sent{0};        // when the connection was begun; later than scheduled if we were late
  Seconds first_text{0};  // the first chunk with text; valid if text_chunks > 0
  Seconds last_text{0};
  Seconds ended{0};  // [DONE], or the failure
  int text_chunks = 0;
  std::vector<float> chunk_gaps;  // seconds between consecutive chunks with text
  int prompt_tokens = 0;
  int output_tokens = 0;
  int asked_tokens = 0;          // at most; 0 = the request set no limit
  bool tokens_reported = false;  // by the server's usage; else output_tokens counts chunks
  Outcome outcome = Outcome::kCancelled;
  int http_status = 0;
  std::string detail;  // of a failure: what the system or the server said, shortened
};

// Latencies in seconds. REQUIRES for the first two: text_chunks > 0.
inline Seconds TimeToFirstText(const RequestRecord& record) {
  return record.first_text - record.scheduled;
}
// Time per output token after the first, as `vllm bench serve` defines it: a request of 5 tokens
// whose text came between 1.0 s and 1.4 s has 0.1 s. REQUIRES: output_tokens > 1.
inline Seconds TimePerOutputToken(const RequestRecord& record) {
  return (record.last_text - record.first_text) / (record.output_tokens - 1);
}
inline Seconds EndToEnd(const RequestRecord& record) {
  return record.ended - record.scheduled;
}

// "connect", "timeout", "http_429", "stream_error", "closed_early", "bad_response", "cancelled";
// "" for a completed request.
std::string ErrorKind(const RequestRecord& record);

}  // namespace turbospec
