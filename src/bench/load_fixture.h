// The words in which the load client's tests speak: a list of requests, options for a server.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bench/load_client.h"
#include "bench/sse_server_fixture.h"

namespace turbospec {

// Yields one request per arrival; `on_next` is called before each.
class ListSource final : public RequestSource {
 public:
  explicit ListSource(std::vector<Seconds> arrivals, std::function<void(int)> on_next = {})
      : arrivals_(std::move(arrivals)), on_next_(std::move(on_next)) {}

  std::optional<BenchRequest> Next() override {
    if (next_ == arrivals_.size()) return std::nullopt;
    if (on_next_) on_next_(static_cast<int>(next_));
    return BenchRequest{arrivals_[next_++], "/v1/completions", R"({"prompt":"x"})", ""};
  }

 private:
  std::vector<Seconds> arrivals_;
  std::function<void(int)> on_next_;
  std::size_t next_ = 0;
};

inline std::vector<Seconds> AtOnce(int count) {
  return std::vector<Seconds>(static_cast<std::size_t>(count), Seconds(0));
}

inline LoadOptions ClosedLoop(int port, int clients) {
  LoadOptions options;
  options.server = {"127.0.0.1", std::to_string(port), ""};
  options.clients = clients;
  options.timeout = Seconds(60);
  return options;
}

inline LoadOptions OpenLoop(int port) {
  return ClosedLoop(port, 0);
}

inline LoadRun RunOn(const LoadOptions& options, RequestSource& source,
                     const OnProgress& on_progress = {}) {
  const SteadyClock clock;
  auto run = RunLoad(options, source, clock, on_progress);
  return run.ok() ? *std::move(run) : LoadRun();
}

}  // namespace turbospec
