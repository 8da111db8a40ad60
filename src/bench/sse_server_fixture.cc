#include "bench/sse_server_fixture.h"

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <memory>
#include <utility>

namespace turbospec {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::string StreamHead() {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
}

std::string HttpChunk(std::string_view bytes) {
  std::array<char, 20> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
  return std::string(size.data()).append(bytes).append("\r\n");
}

std::string TextEvent(std::string_view text) {
  return R"(data: {"id":"cmpl-1","object":"text_completion","created":1,"model":"m",)"
         R"("choices":[{"index":0,"text":")" +
         std::string(text) + R"(","logprobs":null,"finish_reason":null}],"usage":null})" + "\n\n";
}

ScriptedReply Stream(int chunks, int tokens) {
  ScriptedReply reply;
  reply.pieces.push_back(StreamHead());
  for (int i = 0; i < chunks; ++i) reply.pieces.push_back(HttpChunk(TextEvent(" word")));
  const std::string usage =
      R"(data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":)" +
      std::to_string(tokens) + "}}\n\n";
  reply.pieces.push_back(HttpChunk(usage));
  reply.pieces.push_back(HttpChunk("data: [DONE]\n\n") + HttpChunk(""));
  return reply;
}

ScriptedReply Refusal(int status, std::string_view body) {
  ScriptedReply reply;
  reply.pieces.push_back("HTTP/1.1 " + std::to_string(status) +
                         " No\r\nContent-Type: application/json\r\nContent-Length: " +
                         std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
  return reply;
}

class SseServer::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(SseServer& server, tcp::socket socket)
      : server_(server), socket_(std::move(socket)), timer_(socket_.get_executor()) {}

  void Read() {
    socket_.async_read_some(asio::buffer(part_),
                            [self = shared_from_this()](error_code error, std::size_t bytes) {
                              if (error) return;
                              self->request_.append(self->part_.data(), bytes);
                              if (!self->Complete()) return self->Read();
                              self->server_.OnRequest(self, self->request_);
                            });
  }

  void Reply(ScriptedReply reply) {
    reply_ = std::move(reply);
    timer_.expires_after(reply_.first_delay);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->WriteNext();
    });
  }

 private:
  bool Complete() const {
    const std::size_t end = request_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const std::size_t at = request_.find("Content-Length: ");
    if (at == std::string::npos) return true;  // a GET
    return request_.size() >= end + 4 + std::stoul(request_.substr(at + 16));
  }

  void WriteNext() {
    if (next_ == reply_.pieces.size()) return End();
    asio::async_write(socket_, asio::buffer(reply_.pieces[next_++]),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (!error) self->AfterPiece();
                      });
  }

  void AfterPiece() {
    if (reply_.gap.count() == 0) return WriteNext();
    timer_.expires_after(reply_.gap);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->WriteNext();
    });
  }

  void End() {
    error_code ignored;
    if (reply_.end == ScriptedReply::End::kReset) {
      socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    }
    if (reply_.end != ScriptedReply::End::kStall) {
      socket_.close(ignored);
      return;
    }
    // Keeps the session, and so the connection, until the client leaves.
    socket_.async_read_some(asio::buffer(part_),
                            [self = shared_from_this()](error_code, std::size_t) {});
  }

  SseServer& server_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  std::array<char, 4096> part_{};
  std::string request_;
  ScriptedReply reply_;
  std::size_t next_ = 0;
};

SseServer::SseServer(Script script, int hold_until, unsigned short port)
    : script_(std::move(script)), hold_until_(hold_until) {
  acceptor_.open(tcp::v4());
  acceptor_.set_option(tcp::acceptor::reuse_address(true));
  acceptor_.bind({asio::ip::address_v4::loopback(), port});
  acceptor_.listen();
  port_ = acceptor_.local_endpoint().port();
  Accept();
  thread_ = std::thread([this] { context_.run(); });
}

SseServer::~SseServer() {
  context_.stop();
  thread_.join();
}

void SseServer::Accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (error) return;
    socket.set_option(tcp::no_delay(true), error);
    std::make_shared<Session>(*this, std::move(socket))->Read();
    Accept();
  });
}

void SseServer::OnRequest(const std::shared_ptr<Session>& session, const std::string& request) {
  const int index = requests_++;
  held_.emplace_back([session, reply = script_(index, request)] { session->Reply(reply); });
  if (requests_ < hold_until_) return;
  for (const auto& begin : std::exchange(held_, {})) begin();
}

}  // namespace turbospec
