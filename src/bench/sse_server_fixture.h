// A server for tests of the load client: answers what a script says, byte for byte, and misbehaves
// on request. It runs on a thread of its own until it is destroyed; the script is called there.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace turbospec {

struct ScriptedReply {
  enum class End { kClose, kReset, kStall };

  std::vector<std::string> pieces;           // raw bytes, each sent by itself
  std::chrono::microseconds gap{0};          // before each piece but the first
  std::chrono::microseconds first_delay{0};  // before the first
  End end = End::kClose;                     // kStall: neither sends nor closes
};

// A well-formed stream: `chunks` events with text, a usage of `tokens`, [DONE].
ScriptedReply Stream(int chunks, int tokens);
// Status line, headers and a JSON body.
ScriptedReply Refusal(int status, std::string_view body);
// The parts that a stream is made of.
std::string StreamHead();
std::string HttpChunk(std::string_view bytes);
std::string TextEvent(std::string_view text);

class SseServer {
 public:
  // Request counted from 0 by the end of its arrival; the text with its headers.
  using Script = std::function<ScriptedReply(int index, const std::string& request)>;

  // No reply is begun before `hold_until` requests have come. Port 0: any that is free.
  explicit SseServer(Script script, int hold_until = 0, unsigned short port = 0);
  ~SseServer();
  SseServer(const SseServer&) = delete;
  SseServer& operator=(const SseServer&) = delete;

  int port() const { return port_; }
  int requests() const { return requests_; }

 private:
  class Session;

  void Accept();
  void OnRequest(const std::shared_ptr<Session>& session, const std::string& request);

  Script script_;
  const int hold_until_;
  boost::asio::io_context context_{1};
  boost::asio::ip::tcp::acceptor acceptor_{context_};
  int port_ = 0;
  std::atomic<int> requests_{0};
  std::vector<std::function<void()>> held_;
  std::thread thread_;
};

}  // namespace turbospec
