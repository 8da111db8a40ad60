// The listening socket: binds, accepts, hands accepted sockets on, each with a strand of its own.
// Open and Close: the server's owner. Accepting: the listener's strand.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "core/result.h"

namespace turbospec {

class Listener {
 public:
  using Accepted = std::function<void(boost::asio::ip::tcp::socket)>;

  Listener(boost::asio::io_context& context, Accepted accepted);

  // kInvalidArgument for a host that is no address of this machine, kUnavailable for a port in use.
  Status Open(const std::string& host, int port);
  int port() const { return port_; }

  void Start();
  // Once it returns, nobody can connect. REQUIRES: Start was called and the context runs.
  void CloseAndWait();
  // REQUIRES: the context does not run.
  void Close();

 private:
  void Accept();
  void AcceptLater();

  boost::asio::io_context& context_;
  Accepted accepted_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_;
  int port_ = 0;
};

}  // namespace turbospec
