#include "server/server.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include "server/connection.h"
#include "server/connection_registry.h"
#include "server/listener.h"

namespace turbospec {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

Status Check(const ServerParts& parts) {
  if (parts.engine == nullptr) return InvalidArgument("the server needs an engine");
  if (parts.language.tokenizer == nullptr) return InvalidArgument("the server needs a tokenizer");
  if (parts.clock == nullptr) return InvalidArgument("the server needs a clock");
  if (!parts.unix_seconds) return InvalidArgument("the server needs unix_seconds");
  return Ok();
}

RouteParts RoutePartsFrom(const ServerParts& parts, const ServerOptions& options) {
  RouteParts routes{parts.engine,       parts.language, options.model_name,
                    parts.unix_seconds, parts.id_seed,  parts.routes};
  if (routes.model_name.empty()) routes.model_name = parts.engine->target_info().name;
  return routes;
}

// For a client that there is no room for. Best effort, at once: it fits any socket buffer.
void Refuse(tcp::socket socket) {
  const std::string bytes = SerializeResponse(
      ErrorResponse({503, "too many connections; try again", "", "too_many_connections"}),
      /*keep_alive=*/false, /*head_only=*/false);
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(bytes), ignored);
  socket.shutdown(tcp::socket::shutdown_both, ignored);
}

}  // namespace

class Server::Implementation {
 public:
  Implementation(ServerParts parts, const ServerOptions& options)
      : options_(options),
        parts_(std::move(parts)),
        routes_(RoutePartsFrom(parts_, options_)),
        registry_(options_.max_connections),
        context_(options_.io_threads),
        listener_(context_, [this](tcp::socket socket) { Take(std::move(socket)); }) {}
  ~Implementation() { Drain(Seconds{0}); }

  Status Open() { return listener_.Open(options_.host, options_.port); }
  int port() const { return listener_.port(); }

  Status Start();
  void BeginDrain();
  int Drain(Seconds limit);

 private:
  void Take(tcp::socket socket);
  void RunContext();
  void Stop();

  const ServerOptions options_;
  const ServerParts parts_;
  Routes routes_;
  ConnectionRegistry registry_;
  asio::io_context context_;  // after what connections use: it destroys the last of them
  Listener listener_;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  std::vector<std::thread> threads_;
  bool accepting_ = true;
};

Status Server::Implementation::Start() {
  work_.emplace(context_.get_executor());
  try {
    for (int i = 0; i < options_.io_threads; ++i) {
      threads_.emplace_back([this] { RunContext(); });
    }
  } catch (const std::system_error& error) {
    if (threads_.empty()) work_.reset();
    return ResourceExhausted(std::string("cannot start the I/O threads: ") + error.what());
  }
  listener_.Start();
  return Ok();
}

void Server::Implementation::RunContext() {
  for (;;) {
    try {
      context_.run();
      return;
    } catch (const std::exception&) {
      // Out of memory in one connection's handler; what the handler held is gone with it.
    }
  }
}

void Server::Implementation::Take(tcp::socket socket) {
  const ConnectionEnvironment environment{
      options_,  routes_,       *parts_.engine,   *parts_.language.tokenizer,
      registry_, *parts_.clock, parts_.access_log};
  const auto connection = std::make_shared<Connection>(std::move(socket), environment);
  if (!connection->Start()) Refuse(connection->TakeSocket());
}

void Server::Implementation::BeginDrain() {
  registry_.BeginDrain();
  if (!std::exchange(accepting_, false)) return;
  if (threads_.empty()) {
    listener_.Close();
  } else {
    listener_.CloseAndWait();
  }
}

int Server::Implementation::Drain(Seconds limit) {
  BeginDrain();
  const int cut_off = registry_.WaitUntilQuiet(limit);
  Stop();
  return cut_off;
}

// Threads end when every closed connection's last operation has reported.
void Server::Implementation::Stop() {
  registry_.CloseAll();
  work_.reset();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

Result<std::unique_ptr<Server>> Server::Create(ServerParts parts, const ServerOptions& options) {
  if (Status valid = Validate(options); !valid.ok()) return valid.error();
  if (Status complete = Check(parts); !complete.ok()) return complete.error();
  auto implementation = std::make_unique<Implementation>(std::move(parts), options);
  if (Status open = implementation->Open(); !open.ok()) return open.error();
  return std::unique_ptr<Server>(new Server(std::move(implementation)));
}

Server::Server(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Server::~Server() = default;

Status Server::Start() {
  return implementation_->Start();
}
int Server::port() const {
  return implementation_->port();
}
void Server::BeginDrain() {
  implementation_->BeginDrain();
}
int Server::Drain(Seconds limit) {
  return implementation_->Drain(limit);
}

}  // namespace turbospec
