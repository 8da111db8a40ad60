// The seam to whatever decides what is sent and when: workloads with their arrivals, traces, tests.
// The load client asks when the next request is due, waits, and takes it; every answer is told, so
// that one path serves closed loops (an answer makes the next request due) and open ones (answers
// change nothing). Called on the load client's thread; a call should take microseconds.
#pragma once

#include <optional>
#include <string>

#include "core/clock.h"

namespace turbospec {

struct BenchRequest {
  Seconds at{0};           // when it was due: what NextTime() said
  std::string path;        // "/v1/completions" or "/v1/chat/completions"
  std::string body;        // JSON; must ask for streaming with usage
  std::string class_name;  // requests of one class are also reported together; "" = none
  int max_tokens = 0;      // as the body says; 0 = it does not
};

// Times are the source's own: since the run began, without the time in which a warm-up finishes.
class RequestSource {
 public:
  virtual ~RequestSource() = default;

  // When the next request is due if no answer comes first; may lie in the past of a late caller.
  // Empty when nothing is due until an answer comes, or ever: with nothing in flight, ever.
  virtual std::optional<Seconds> NextTime() const = 0;

  // The request that NextTime() speaks of, which is now in flight. REQUIRES NextTime().
  virtual BenchRequest Take() = 0;

  // One request in flight has been answered, or has failed, at that time.
  virtual void Completed(Seconds at) = 0;

  // No further request will come, whatever is answered.
  virtual bool Ended() const = 0;
};

}  // namespace turbospec
