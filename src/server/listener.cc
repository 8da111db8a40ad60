#include "server/listener.h"

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <future>
#include <utility>

namespace turbospec {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kRetryDelay{100};

Result<tcp::endpoint> Resolve(asio::io_context& context, const std::string& host, int port) {
  const auto number = static_cast<asio::ip::port_type>(port);
  error_code error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  if (!error) return tcp::endpoint(address, number);
  const auto found =
      tcp::resolver(context).resolve(host, std::to_string(port), tcp::resolver::passive, error);
  if (error || found.empty()) {
    return InvalidArgument("host \"" + host + "\" cannot be resolved: " + error.message());
  }
  return found.begin()->endpoint();
}

Error CannotListen(const std::string& host, int port, const error_code& error) {
  std::string where = host + ":" + std::to_string(port);
  if (error == asio::error::address_in_use) {
    return Unavailable(where + " is in use; stop what listens there or choose another port");
  }
  if (error == asio::error::access_denied) {
    return Unavailable(where + " is not permitted; choose a port above 1023");
  }
  return InvalidArgument("cannot listen on " + where + ": " + error.message());
}

}  // namespace

Listener::Listener(asio::io_context& context, Accepted accepted)
    : context_(context),
      accepted_(std::move(accepted)),
      acceptor_(asio::make_strand(context)),
      retry_(acceptor_.get_executor()) {}

Status Listener::Open(const std::string& host, int port) {
  auto endpoint = Resolve(context_, host, port);
  if (!endpoint.ok()) return endpoint.error();
  error_code error;
  if (acceptor_.open(endpoint->protocol(), error); error) return CannotListen(host, port, error);
  acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (acceptor_.bind(*endpoint, error); error) return CannotListen(host, port, error);
  acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  if (error) return CannotListen(host, port, error);
  port_ = acceptor_.local_endpoint(error).port();
  return Ok();
}

void Listener::Start() {
  asio::post(acceptor_.get_executor(), [this] { Accept(); });
}

void Listener::Accept() {
  acceptor_.async_accept(asio::make_strand(context_), [this](error_code error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) return AcceptLater();
    accepted_(std::move(socket));
    Accept();
  });
}

// Out of file descriptors, most likely: trying again at once would spin.
void Listener::AcceptLater() {
  retry_.expires_after(kRetryDelay);
  retry_.async_wait([this](error_code error) {
    if (!error && acceptor_.is_open()) Accept();
  });
}

void Listener::Close() {
  error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
}

void Listener::CloseAndWait() {
  std::promise<void> closed;
  asio::post(acceptor_.get_executor(), [this, &closed] {
    Close();
    closed.set_value();
  });
  closed.get_future().wait();
}

}  // namespace turbospec
