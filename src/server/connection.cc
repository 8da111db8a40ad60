#include "server/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace turbospec {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

std::string ClientName(const asio::ip::tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "?";
  return endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
}

StreamFraming FramingFor(const HttpRequest& request) {
  return request.chunked_allowed ? StreamFraming::kChunked : StreamFraming::kUntilClose;
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, const ConnectionEnvironment& environment)
    : environment_(environment),
      socket_(std::move(socket)),
      read_deadline_{asio::steady_timer(socket_.get_executor())},
      write_deadline_{asio::steady_timer(socket_.get_executor())},
      reader_({environment.options.max_header_bytes, environment.options.max_body_bytes}) {}

Connection::~Connection() {
  EndExchange(/*complete=*/false);
  if (id_) environment_.registry.Remove(*id_);
}

bool Connection::Start() {
  id_ = environment_.registry.Add([weak = weak_from_this(), executor = socket_.get_executor()] {
    asio::post(executor, [weak] {
      if (const auto self = weak.lock()) self->Close();
    });
  });
  if (!id_) return false;
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    error_code ignored;
    self->socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    self->record_.client = ClientName(self->socket_);
    self->Advance();
  });
  return true;
}

void Connection::Arm(Deadline& deadline, Seconds after, void (Connection::*expired)()) {
  const std::uint64_t setting = ++deadline.setting;
  deadline.timer.expires_after(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(after));
  deadline.timer.async_wait(
      [self = shared_from_this(), &deadline, setting, expired](error_code error) {
        if (!error && setting == deadline.setting) (self.get()->*expired)();
      });
}

void Connection::Disarm(Deadline& deadline) {
  ++deadline.setting;
  deadline.timer.cancel();
}

// Reads on while a response is in progress, to notice a client that leaves; what a pipelining
// client sends meanwhile is kept up to a limit.
void Connection::Read() {
  if (reading_ || input_ended_ || state_ == State::kClosed) return;
  if (state_ == State::kAnswering &&
      reader_.buffered() >= environment_.options.max_pipelined_bytes) {
    return;
  }
  reading_ = true;
  socket_.async_read_some(asio::buffer(incoming_),
                          [self = shared_from_this()](error_code error, std::size_t bytes) {
                            self->reading_ = false;
                            self->OnRead(error, bytes);
                          });
}

void Connection::OnRead(const error_code& error, std::size_t bytes) {
  if (state_ == State::kClosed) return;
  if (error == asio::error::eof) return OnInputEnd();
  if (error) return Close();
  if (state_ == State::kLingering) return Read();  // thrown away
  reader_.Append({incoming_.data(), bytes});
  if (state_ == State::kAnswering) return Read();
  Advance();
}

// A client that closes its half while output is being generated has left. One that asked for what
// is answered at once still gets its answers.
void Connection::OnInputEnd() {
  input_ended_ = true;
  if (state_ != State::kAnswering || generation_) Close();
}

void Connection::Advance() {
  if (state_ == State::kClosed) return;  // closed before it began
  const RequestReader::State state = reader_.Advance();
  if (state == RequestReader::State::kComplete) return Answer(reader_.Take());
  if (state == RequestReader::State::kFailed) return AnswerError(reader_.error());
  if (input_ended_) return Close();
  ArmFor(state);
  // Sent on the spot: nothing else is written before a request is complete.
  if (reader_.TakeExpectation()) Write("HTTP/1.1 100 Continue\r\n\r\n");
  Read();
}

// One deadline per phase, not per read: a client cannot hold a connection by trickling.
void Connection::ArmFor(RequestReader::State state) {
  if (state == armed_for_) return;
  armed_for_ = state;
  const ServerOptions& options = environment_.options;
  Seconds limit = options.body_timeout;
  if (state == RequestReader::State::kHeader) limit = options.header_timeout;
  if (state == RequestReader::State::kIdle) limit = options.idle_timeout;
  Arm(read_deadline_, limit, &Connection::OnReadDeadline);
}

void Connection::OnReadDeadline() {
  if (state_ != State::kReceiving) return Close();
  if (armed_for_ == RequestReader::State::kIdle) return Close();
  AnswerError({408, "the request took too long to arrive", "", "request_timeout"});
}

// False when the server is draining and takes no more work.
bool Connection::BeginExchange(const HttpRequest& request) {
  Disarm(read_deadline_);
  armed_for_ = RequestReader::State::kComplete;
  state_ = State::kAnswering;
  in_exchange_ = true;
  head_sent_ = false;
  last_write_ = false;
  began_ = environment_.clock.Now();
  record_.method = request.method;
  record_.path = request.path;
  record_.status = 0;
  record_.bytes_sent = 0;
  keep_alive_ = request.keep_alive;
  return environment_.registry.BeginExchange();
}

void Connection::Answer(HttpRequest request) {
  const bool draining = !BeginExchange(request);
  Routes::Outcome outcome = environment_.routes.Handle(request, draining);
  request.body = {};
  request_ = std::move(request);
  Read();
  if (auto* response = std::get_if<HttpResponse>(&outcome)) return AnswerWhole(*response);
  Generate(std::get<GenerationPlan>(std::move(outcome)));
}

void Connection::AnswerWhole(const HttpResponse& response) {
  // A drain may have begun since the request came.
  if (environment_.registry.draining()) keep_alive_ = false;
  record_.status = response.status;
  last_write_ = true;
  Write(SerializeResponse(response, keep_alive_, request_.method == "HEAD"));
}

// The request could not be read, so the place where the next one begins is unknown.
void Connection::AnswerError(const ApiError& error) {
  BeginExchange(HttpRequest{});
  request_ = {};
  keep_alive_ = false;
  AnswerWhole(ErrorResponse(error));
  Read();
}

void Connection::Generate(GenerationPlan plan) {
  if (input_ended_) return Close();
  const ServerOptions& options = environment_.options;
  if (plan.stream && !request_.chunked_allowed) keep_alive_ = false;
  auto wake = [weak = weak_from_this(), executor = socket_.get_executor()] {
    asio::post(executor, [weak] {
      if (const auto self = weak.lock()) self->OnWake();
    });
  };
  auto started = GenerationResponse::Start(
      std::move(plan), environment_.engine, environment_.tokenizer,
      {options.max_outbox_bytes, options.max_outbox_deltas, options.max_response_bytes},
      std::move(wake));
  if (!started.ok()) return AnswerWhole(ErrorResponse(started.error()));
  generation_ = *std::move(started);
}

void Connection::OnWake() {
  if (!generation_) return;
  if (generation_->overflowed()) return Close();
  if (!writing_) Pump();
}

void Connection::Pump() {
  GenerationResponse::Progress progress = generation_->Take();
  if (progress.complete) generation_.reset();
  if (progress.whole) return AnswerWhole(*progress.whole);
  if (progress.failed) keep_alive_ = false;
  last_write_ = progress.complete;
  std::string bytes = Frame(progress);
  if (!bytes.empty()) Write(std::move(bytes));
}

std::string Connection::Frame(const GenerationResponse::Progress& progress) {
  std::string bytes;
  const StreamFraming framing = FramingFor(request_);
  if (!head_sent_ && !progress.events.empty()) {
    if (environment_.registry.draining()) keep_alive_ = false;
    bytes = SerializeStreamHead(framing, keep_alive_);
    head_sent_ = true;
    record_.status = 200;
  }
  AppendStreamPart(framing, progress.events, bytes);
  if (progress.complete) AppendStreamEnd(framing, bytes);
  return bytes;
}

void Connection::Write(std::string bytes) {
  if (writing_) {
    // Only "100 Continue" can still be under way; its few bytes go ahead of the response.
    pending_ += bytes;
    return;
  }
  writing_ = true;
  outgoing_ = std::move(bytes);
  Arm(write_deadline_, environment_.options.write_timeout, &Connection::Close);
  asio::async_write(socket_, asio::buffer(outgoing_),
                    [self = shared_from_this()](error_code error, std::size_t sent) {
                      self->writing_ = false;
                      self->record_.bytes_sent += sent;
                      self->OnWritten(!error);
                    });
}

void Connection::OnWritten(bool ok) {
  Disarm(write_deadline_);
  if (state_ == State::kClosed) return;
  if (!ok) return Close();
  if (!pending_.empty()) return Write(std::exchange(pending_, {}));
  if (state_ != State::kAnswering) return;
  if (!last_write_) return generation_ ? Pump() : void();
  EndExchange(/*complete=*/true);
  if (!keep_alive_) return Linger();
  state_ = State::kReceiving;
  Advance();
}

void Connection::EndExchange(bool complete) {
  generation_.reset();
  if (!std::exchange(in_exchange_, false)) return;
  record_.complete = complete;
  record_.took = environment_.clock.Now() - began_;
  if (environment_.access_log) environment_.access_log(record_);
  environment_.registry.EndExchange();
}

// Closing with unread input would reset the connection and could destroy the response on its way.
// So say that nothing follows, and read until the client agrees.
void Connection::Linger() {
  state_ = State::kLingering;
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  Arm(read_deadline_, environment_.options.linger_timeout, &Connection::Close);
  Read();
}

void Connection::Close() {
  if (std::exchange(state_, State::kClosed) == State::kClosed) return;
  EndExchange(/*complete=*/false);
  Disarm(read_deadline_);
  Disarm(write_deadline_);
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace turbospec
