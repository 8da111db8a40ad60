#include "bench/stream_request.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <utility>

#include "bench/stream_event.h"

namespace turbospec {

namespace asio = boost::asio;

namespace {

// Larger than the headers of any response, since those must fit as a whole.
constexpr std::size_t kBufferBytes = 16 * 1024;
constexpr std::size_t kKeptErrorBytes = 2 * 1024;
constexpr int kOk = 200;

std::chrono::steady_clock::duration ToTimer(Seconds time) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(time);
}

}  // namespace

StreamRequest::StreamRequest(asio::io_context& context, const Clock& clock, Job job)
    : clock_(clock),
      job_(std::move(job)),
      socket_(context),
      timer_(context),
      response_([this](std::string_view piece) { OnBody(piece); }),
      events_([this](std::string_view data) { OnEvent(data); }),
      buffer_(kBufferBytes) {}

void StreamRequest::Start(const Endpoints& endpoints) {
  timer_.expires_after(ToTimer(job_.timeout));
  timer_.async_wait([self = shared_from_this()](Error error) {
    if (!error) self->Finish(Outcome::kTimedOut);
  });
  asio::async_connect(socket_, endpoints,
                      [self = shared_from_this()](Error error, const asio::ip::tcp::endpoint&) {
                        if (error) return self->Finish(Outcome::kConnectFailed, error.message());
                        self->Send();
                      });
}

void StreamRequest::Cancel() {
  Finish(Outcome::kCancelled);
}

void StreamRequest::Send() {
  Error ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  // A server may refuse without reading it all, so the response is read even if sending failed.
  asio::async_write(socket_, asio::buffer(job_.http_text),
                    [self = shared_from_this()](Error, std::size_t) { self->Read(); });
}

void StreamRequest::Read() {
  if (reported_) return;
  socket_.async_read_some(
      asio::buffer(buffer_.data() + buffered_, buffer_.size() - buffered_),
      [self = shared_from_this()](Error error, std::size_t bytes) { self->OnRead(error, bytes); });
}

void StreamRequest::OnRead(Error error, std::size_t bytes) {
  if (reported_) return;
  if (error) return EndOfConnection(error);
  read_at_ = Now();
  buffered_ += bytes;
  const auto used = response_.Feed({buffer_.data(), buffered_});
  if (reported_) return;
  if (!used.ok()) return Finish(Outcome::kBadResponse, used.error().message);
  buffered_ -= *used;
  std::memmove(buffer_.data(), buffer_.data() + *used, buffered_);
  if (response_.finished()) return EndOfResponse();
  if (buffered_ == buffer_.size()) return Finish(Outcome::kBadResponse, "headers too long");
  Read();
}

void StreamRequest::OnBody(std::string_view piece) {
  if (response_.status() == kOk && response_.event_stream()) {
    if (!events_.Feed(piece)) Finish(Outcome::kBadResponse, "an event is too long");
    return;
  }
  const std::size_t room = kKeptErrorBytes - std::min(kKeptErrorBytes, error_body_.size());
  error_body_.append(piece.substr(0, room));
}

void StreamRequest::OnEvent(std::string_view data) {
  if (done_ || reported_) return;
  const StreamEvent event = ClassifyEvent(data);
  if (event.text) TimeText();
  if (event.usage) usage_event_ = data;
  if (event.error) return Finish(Outcome::kStreamError, ErrorMessage(data));
  if (!event.done) return;
  done_ = true;
  job_.record.ended = read_at_;
}

void StreamRequest::TimeText() {
  RequestRecord& record = job_.record;
  if (record.text_chunks++ == 0) {
    record.first_text = read_at_;
  } else {
    record.chunk_gaps.push_back(static_cast<float>((read_at_ - record.last_text).count()));
  }
  record.last_text = read_at_;
  if (job_.on_text) job_.on_text();
}

void StreamRequest::EndOfConnection(const Error& error) {
  if (error == asio::error::eof && response_.End()) return EndOfResponse();
  if (done_) return Finish(Outcome::kCompleted);
  Finish(Outcome::kClosedEarly, error.message());
}

void StreamRequest::EndOfResponse() {
  if (done_) return Finish(Outcome::kCompleted);
  if (response_.status() != kOk) {
    job_.record.http_status = response_.status();
    return Finish(Outcome::kHttpError, ErrorMessage(error_body_));
  }
  if (!response_.event_stream()) {
    return Finish(Outcome::kBadResponse, "no event stream: " + ErrorMessage(error_body_));
  }
  Finish(Outcome::kClosedEarly, "the stream ended without [DONE]");
}

void StreamRequest::TakeUsage() {
  RequestRecord& record = job_.record;
  record.output_tokens = record.text_chunks;
  if (usage_event_.empty()) return;
  const auto usage = ParseUsage(usage_event_);
  if (!usage) return;
  record.tokens_reported = true;
  record.prompt_tokens = usage->prompt_tokens;
  record.output_tokens = usage->completion_tokens;
}

void StreamRequest::Finish(Outcome outcome, std::string detail) {
  if (std::exchange(reported_, true)) return;
  // A response of which only the end of the connection is missing is complete.
  if (done_) {
    outcome = Outcome::kCompleted;
    detail.clear();
  } else {
    job_.record.ended = Now();
  }
  timer_.cancel();
  Error ignored;
  socket_.close(ignored);
  TakeUsage();
  job_.record.outcome = outcome;
  job_.record.detail = std::move(detail);
  const OnEnd on_end = std::move(job_.on_end);
  on_end(*this, std::move(job_.record));
}

}  // namespace turbospec
