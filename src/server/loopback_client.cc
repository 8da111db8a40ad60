#include "server/loopback_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace turbospec {

std::vector<std::string> ClientResponse::Events() const {
  std::vector<std::string> events;
  std::string_view rest = body;
  while (rest.starts_with("data: ")) {
    const std::size_t end = rest.find("\n\n");
    if (end == std::string_view::npos) break;
    events.emplace_back(rest.substr(6, end - 6));
    rest.remove_prefix(end + 2);
  }
  if (!rest.empty()) events.push_back("not an event: " + std::string(rest));
  return events;
}

LoopbackClient::LoopbackClient(int port, int receive_buffer_bytes) {
  socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  const timeval patience{60, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (receive_buffer_bytes > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                 sizeof receive_buffer_bytes);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

LoopbackClient::~LoopbackClient() {
  Close();
}

LoopbackClient::LoopbackClient(LoopbackClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      connected_(std::exchange(other.connected_, false)),
      buffer_(std::move(other.buffer_)) {}

bool LoopbackClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string PostText(std::string_view path, std::string_view body) {
  std::string text = "POST ";
  text.append(path).append(" HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n");
  text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return text.append(body);
}

bool LoopbackClient::SendGet(std::string_view path) {
  return Send("GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n\r\n");
}

bool LoopbackClient::SendPost(std::string_view path, std::string_view body) {
  return Send(PostText(path, body));
}

ClientResponse LoopbackClient::Get(std::string_view path) {
  SendGet(path);
  return Receive();
}

ClientResponse LoopbackClient::Post(std::string_view path, std::string_view body) {
  SendPost(path, body);
  return Receive();
}

bool LoopbackClient::Fill() {
  std::array<char, 64 * 1024> part;
  const ssize_t got = ::recv(socket_, part.data(), part.size(), 0);
  if (got <= 0) return false;
  buffer_.append(part.data(), static_cast<std::size_t>(got));
  return true;
}

std::string LoopbackClient::TakeLine() {
  std::size_t end;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!Fill()) return {};
  }
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return line;
}

std::string LoopbackClient::TakeBytes(std::size_t count) {
  while (buffer_.size() < count && Fill()) {
  }
  std::string bytes = buffer_.substr(0, count);
  buffer_.erase(0, bytes.size());
  return bytes;
}

void LoopbackClient::ReceiveChunks(ClientResponse& response) {
  for (;;) {
    const std::string size_line = TakeLine();
    if (size_line.empty()) return;
    const std::size_t size = std::stoul(size_line, nullptr, 16);
    const std::string chunk = TakeBytes(size);
    response.body += chunk;
    if (chunk.size() < size) return;
    TakeLine();
    if (size == 0) {
      response.complete = true;
      return;
    }
  }
}

ClientResponse LoopbackClient::Receive() {
  ClientResponse response;
  const std::string status_line = TakeLine();
  if (status_line.size() < 12) return response;
  response.status = std::stoi(status_line.substr(9, 3));
  for (std::string line = TakeLine(); !line.empty(); line = TakeLine()) {
    const std::size_t colon = line.find(':');
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    response.headers[name] = line.substr(std::min(colon + 2, line.size()));
  }
  if (response.status < 200) {
    response.complete = true;  // "100 Continue": the response proper follows
  } else if (response.headers.contains("transfer-encoding")) {
    ReceiveChunks(response);
  } else if (response.headers.contains("content-length")) {
    const std::size_t length = std::stoul(response.headers["content-length"]);
    response.body = TakeBytes(length);
    response.complete = response.body.size() == length;
  } else {
    while (Fill()) {
    }
    response.body = std::exchange(buffer_, {});
    response.complete = true;
  }
  return response;
}

bool LoopbackClient::ReadUntil(std::string_view marker) {
  while (buffer_.find(marker) == std::string::npos) {
    if (!Fill()) return false;
  }
  return true;
}

bool LoopbackClient::AtEnd() {
  char byte;
  return buffer_.empty() && ::recv(socket_, &byte, 1, 0) == 0;
}

void LoopbackClient::EndSending() {
  ::shutdown(socket_, SHUT_WR);
}

void LoopbackClient::Close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void LoopbackClient::Reset() {
  const linger hard{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  Close();
}

}  // namespace turbospec
