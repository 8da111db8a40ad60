// One client connection: reads requests, has them answered, writes the responses in order. A read
// is outstanding whatever else goes on, so a client that leaves is noticed at once and its request
// cancelled. Everything runs on the connection's strand; pending operations own the connection.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/clock.h"
#include "engine/engine.h"
#include "server/access_record.h"
#include "server/connection_registry.h"
#include "server/generation_response.h"
#include "server/request_reader.h"
#include "server/routes.h"
#include "server/server_options.h"

namespace turbospec {

// What all connections share. Outlives them; not owned by them.
struct ConnectionEnvironment {
  const ServerOptions& options;
  Routes& routes;
  Engine& engine;
  const Tokenizer& tokenizer;
  ConnectionRegistry& registry;
  const Clock& clock;
  const std::function<void(const AccessRecord&)>& access_log;  // may be empty
};

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  // `socket` runs on a strand of its own.
  Connection(boost::asio::ip::tcp::socket socket, const ConnectionEnvironment& environment);
  ~Connection();

  // False when there is no room for it. Any thread, once.
  bool Start();
  // After a Start that failed: to say so to the client.
  boost::asio::ip::tcp::socket TakeSocket() { return std::move(socket_); }

 private:
  enum class State { kReceiving, kAnswering, kLingering, kClosed };

  // A timer whose late expiry, queued while it was being set anew, does nothing.
  struct Deadline {
    boost::asio::steady_timer timer;
    std::uint64_t setting = 0;
  };
  void Arm(Deadline& deadline, Seconds after, void (Connection::*expired)());
  void Disarm(Deadline& deadline);

  void Read();
  void OnRead(const boost::system::error_code& error, std::size_t bytes);
  void OnInputEnd();
  void Advance();
  void ArmFor(RequestReader::State state);
  void OnReadDeadline();

  bool BeginExchange(const HttpRequest& request);
  void Answer(HttpRequest request);
  void AnswerWhole(const HttpResponse& response);
  void AnswerError(const ApiError& error);
  void Generate(GenerationPlan plan);
  void OnWake();
  void Pump();
  std::string Frame(const GenerationResponse::Progress& progress);

  void Write(std::string bytes);
  void OnWritten(bool ok);
  void EndExchange(bool complete);
  void Linger();
  void Close();

  ConnectionEnvironment environment_;
  boost::asio::ip::tcp::socket socket_;
  Deadline read_deadline_;
  Deadline write_deadline_;
  RequestReader reader_;
  std::optional<ConnectionRegistry::Id> id_;

  State state_ = State::kReceiving;
  RequestReader::State armed_for_ = RequestReader::State::kComplete;  // of no read deadline
  bool reading_ = false;
  bool input_ended_ = false;  // the client sends no more
  bool writing_ = false;
  std::array<char, 16 * 1024> incoming_;  // being read; apart from what is being parsed
  std::string outgoing_;                  // being written
  std::string pending_;                   // to be written next

  // The exchange under way.
  HttpRequest request_;  // without its body
  AccessRecord record_;
  Seconds began_{0};
  std::unique_ptr<GenerationResponse> generation_;
  bool in_exchange_ = false;
  bool head_sent_ = false;
  bool last_write_ = false;  // what is being written ends the response
  bool keep_alive_ = true;
};

}  // namespace turbospec
