// Sends the requests of a source to one server, each when the source says that it is due, and
// records what happened. A source of an open loop says so whatever the server does: no late
// response delays a request. One thread, the caller's, for all connections; a run blocks it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/request_record.h"
#include "bench/request_source.h"
#include "bench/url.h"
#include "core/result.h"

namespace turbospec {

struct LoadOptions {
  ServerUrl server;
  std::int64_t requests = 0;  // nothing is sent after so many measured ones; 0 = no limit
  Seconds duration{0};        // nothing is sent that is due after so much measured time; 0 = none
  int warmup_requests = 0;    // sent first, in the same way, and not measured
  Seconds warmup_seconds{0};  // likewise; both = whichever lasts longer
  Seconds timeout{600};       // of one request, from its sending
  std::string bearer_token;   // "" = no Authorization header
};

struct LoadProgress {
  bool warming_up = false;
  Seconds elapsed{0};  // since the phase began
  int in_flight = 0;
  int completed = 0;  // these two in the measurement
  int failed = 0;
  std::int64_t text_chunks = 0;  // of both phases
};

struct LoadRun {
  std::vector<RequestRecord> records;  // measured ones, in the order of their ends
  int warmup_requests = 0;
  int max_in_flight = 0;  // during the measurement
  Seconds elapsed{0};     // of the measurement, its last responses included
  Seconds cpu_time{0};    // of the client's thread, in that time
  bool stopped = false;   // by the progress callback
};

// Called a few times a second; false stops the run: what is in flight is cancelled.
using OnProgress = std::function<bool(const LoadProgress&)>;

// The warm-up takes the source's first requests. After it what runs is finished first, in which the
// source's time stands still, and then the measurement begins with what is due next, at once.
// Records say "scheduled" when a request was due, so a late sending counts.
// kInvalidArgument for options that cannot work, kNotFound for a host without an address. Failures
// of requests are records, not errors.
Result<LoadRun> RunLoad(const LoadOptions& options, RequestSource& source, const Clock& clock,
                        const OnProgress& on_progress);

}  // namespace turbospec
