// The words in which the load client's tests speak: a list of requests, options for a server.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/load_client.h"
#include "bench/sse_server_fixture.h"

namespace turbospec {

inline BenchRequest SmallRequest(Seconds at) {
  return {at, "/v1/completions", R"({"prompt":"x"})", ""};
}

// Open loop: one request per arrival, whatever is answered; `on_take` is called with each.
class ListSource final : public RequestSource {
 public:
  explicit ListSource(std::vector<Seconds> arrivals, std::function<void(int)> on_take = {})
      : arrivals_(std::move(arrivals)), on_take_(std::move(on_take)) {}

  std::optional<Seconds> NextTime() const override {
    if (Ended()) return std::nullopt;
    return arrivals_[next_];
  }
  BenchRequest Take() override {
    if (on_take_) on_take_(static_cast<int>(next_));
    return SmallRequest(arrivals_[next_++]);
  }
  void Completed(Seconds) override {}
  bool Ended() const override { return next_ == arrivals_.size(); }

 private:
  std::vector<Seconds> arrivals_;
  std::function<void(int)> on_take_;
  std::size_t next_ = 0;
};

// Closed loop: so many requests from so many clients; `on_take` is called with each.
class ClientsSource final : public RequestSource {
 public:
  ClientsSource(int clients, int requests, std::function<void(int)> on_take = {})
      : clients_(clients), requests_(requests), on_take_(std::move(on_take)) {}

  std::optional<Seconds> NextTime() const override {
    if (Ended() || in_flight_ == clients_) return std::nullopt;
    return now_;
  }
  BenchRequest Take() override {
    if (on_take_) on_take_(taken_);
    ++taken_;
    ++in_flight_;
    return SmallRequest(now_);
  }
  void Completed(Seconds at) override {
    --in_flight_;
    now_ = std::max(now_, at);
  }
  bool Ended() const override { return taken_ == requests_; }

 private:
  int clients_;
  int requests_;
  std::function<void(int)> on_take_;
  int taken_ = 0;
  int in_flight_ = 0;
  Seconds now_{0};
};

inline std::vector<Seconds> AtOnce(int count) {
  return std::vector<Seconds>(static_cast<std::size_t>(count), Seconds(0));
}

inline LoadOptions To(int port) {
  LoadOptions options;
  options.server = {"127.0.0.1", std::to_string(port), ""};
  options.timeout = Seconds(60);
  return options;
}

inline LoadRun RunOn(const LoadOptions& options, RequestSource& source,
                     const OnProgress& on_progress = {}) {
  const SteadyClock clock;
  auto run = RunLoad(options, source, clock, on_progress);
  return run.ok() ? *std::move(run) : LoadRun();
}

}  // namespace turbospec
