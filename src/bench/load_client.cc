#include "bench/load_client.h"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <unordered_set>
#include <utility>

#include "bench/stream_request.h"

namespace turbospec {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kProgressInterval{250};

Seconds ThreadCpuTime() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  const auto seconds = [](const timeval& time) {
    return Seconds(static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec));
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string HttpText(const LoadOptions& options, const BenchRequest& request) {
  std::string text = "POST " + options.server.prefix + request.path + " HTTP/1.1\r\n";
  text += "Host: " + options.server.Authority() + "\r\n";
  text += "Content-Type: application/json\r\nAccept: text/event-stream\r\nConnection: close\r\n";
  if (!options.bearer_token.empty()) {
    text += "Authorization: Bearer " + options.bearer_token + "\r\n";
  }
  text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n";
  return text += request.body;
}

// One run. Everything happens on the thread that calls Run.
class LoadClient {
 public:
  LoadClient(const LoadOptions& options, RequestSource& source, const Clock& clock,
             const OnProgress& on_progress)
      : options_(options), source_(source), clock_(clock), on_progress_(on_progress) {}

  Result<LoadRun> Run();

 private:
  bool WarmUpIsOver() const;
  void BeginPhase(bool warming_up, Seconds source_time);
  void Advance();
  bool IsBeyondLimits(Seconds due) const;
  void WaitFor(Seconds due);
  void Launch();
  void OnEnd(StreamRequest& which, bool warm_up, RequestRecord record);
  void ReportProgress();
  void Stop();
  Seconds Elapsed() const { return clock_.Now() - origin_; }
  Seconds SourceTime() const { return source_stands_at_.value_or(source_base_ + Elapsed()); }

  const LoadOptions& options_;
  RequestSource& source_;
  const Clock& clock_;
  const OnProgress& on_progress_;

  asio::io_context context_{1};
  asio::steady_timer arrival_timer_{context_};
  asio::steady_timer progress_timer_{context_};
  StreamRequest::Endpoints endpoints_;
  std::unordered_set<std::shared_ptr<StreamRequest>> in_flight_;
  bool warming_up_ = false;
  bool over_ = false;
  Seconds origin_{0};                        // the clock's time at the phase's beginning
  Seconds source_base_{0};                   // the source's time at the phase's beginning
  std::optional<Seconds> source_stands_at_;  // while the warm-up finishes
  std::int64_t measured_ = 0;                // requests sent
  Seconds cpu_at_start_{0};
  LoadProgress progress_;
  LoadRun run_;
};

Result<LoadRun> LoadClient::Run() {
  error_code error;
  asio::ip::tcp::resolver resolver(context_);
  endpoints_ = resolver.resolve(options_.server.host, options_.server.port, error);
  if (error || endpoints_.empty()) {
    return NotFound("host \"" + options_.server.host + "\" has no address: " + error.message());
  }
  BeginPhase(options_.warmup_requests > 0 || options_.warmup_seconds.count() > 0, Seconds(0));
  ReportProgress();
  Advance();
  context_.run();
  run_.elapsed = warming_up_ ? Seconds(0) : Elapsed();
  run_.cpu_time = warming_up_ ? Seconds(0) : ThreadCpuTime() - cpu_at_start_;
  return std::move(run_);
}

bool LoadClient::WarmUpIsOver() const {
  return run_.warmup_requests >= options_.warmup_requests && Elapsed() >= options_.warmup_seconds;
}

void LoadClient::BeginPhase(bool warming_up, Seconds source_time) {
  warming_up_ = warming_up;
  origin_ = clock_.Now();
  source_base_ = source_time;
  source_stands_at_.reset();
  cpu_at_start_ = ThreadCpuTime();
}

// Sends all that is due and sees to it that it is called when more will be.
void LoadClient::Advance() {
  if (run_.stopped) return;
  arrival_timer_.cancel();
  while (const std::optional<Seconds> due = source_.NextTime()) {
    if (warming_up_ && WarmUpIsOver()) {
      if (!in_flight_.empty()) {
        source_stands_at_ = std::min(*due, SourceTime());
        return;  // the last one's end comes back here
      }
      BeginPhase(false, *due);
    }
    if (IsBeyondLimits(*due)) break;  // an answer may make something due before
    if (*due > SourceTime()) return WaitFor(*due);
    Launch();
  }
  over_ = in_flight_.empty();
  if (over_) progress_timer_.cancel();
}

bool LoadClient::IsBeyondLimits(Seconds due) const {
  if (warming_up_) return false;
  if (options_.requests > 0 && measured_ >= options_.requests) return true;
  return options_.duration.count() > 0 && due - source_base_ >= options_.duration;
}

void LoadClient::WaitFor(Seconds due) {
  arrival_timer_.expires_after(
      std::chrono::ceil<std::chrono::steady_clock::duration>(due - SourceTime()));
  arrival_timer_.async_wait([this](error_code error) {
    if (!error) Advance();
  });
}

void LoadClient::Launch() {
  BenchRequest next = source_.Take();
  StreamRequest::Job job;
  job.http_text = HttpText(options_, next);
  job.origin = origin_;
  job.timeout = options_.timeout;
  job.record.class_name = std::move(next.class_name);
  job.record.asked_tokens = next.max_tokens;
  job.record.scheduled = next.at - source_base_;
  job.record.sent = Elapsed();
  job.on_text = [this] { ++progress_.text_chunks; };
  job.on_end = [this, warm_up = warming_up_](StreamRequest& which, RequestRecord record) {
    OnEnd(which, warm_up, std::move(record));
  };
  auto request = std::make_shared<StreamRequest>(context_, clock_, std::move(job));
  in_flight_.insert(request);
  if (warming_up_) {
    ++run_.warmup_requests;
  } else {
    ++measured_;
    run_.max_in_flight = std::max(run_.max_in_flight, static_cast<int>(in_flight_.size()));
  }
  request->Start(endpoints_);
}

void LoadClient::OnEnd(StreamRequest& which, bool warm_up, RequestRecord record) {
  in_flight_.erase(which.shared_from_this());
  source_.Completed(SourceTime());
  if (!warm_up) {
    if (record.outcome == Outcome::kCompleted) {
      ++progress_.completed;
    } else if (record.outcome != Outcome::kCancelled) {
      ++progress_.failed;
    }
    run_.records.push_back(std::move(record));
  }
  Advance();
}

void LoadClient::ReportProgress() {
  progress_.warming_up = warming_up_;
  progress_.elapsed = Elapsed();
  progress_.in_flight = static_cast<int>(in_flight_.size());
  if (on_progress_ && !on_progress_(progress_)) return Stop();
  progress_timer_.expires_after(kProgressInterval);
  progress_timer_.async_wait([this](error_code error) {
    if (!error && !over_) ReportProgress();
  });
}

void LoadClient::Stop() {
  run_.stopped = true;
  over_ = true;
  arrival_timer_.cancel();
  const auto cut = in_flight_;
  for (const auto& request : cut) request->Cancel();
}

}  // namespace

Result<LoadRun> RunLoad(const LoadOptions& options, RequestSource& source, const Clock& clock,
                        const OnProgress& on_progress) {
  if (options.requests < 0) return InvalidArgument("the number of requests must not be negative");
  if (options.timeout.count() <= 0) return InvalidArgument("the timeout must be positive");
  LoadClient client(options, source, clock, on_progress);
  return client.Run();
}

}  // namespace turbospec
