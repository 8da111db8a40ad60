// A blocking HTTP client for tests, which also misbehaves on request. One thread. A read gives up
// after a minute, so that a server that hangs fails a test and does not hang it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace turbospec {

struct ClientResponse {
  int status = 0;                              // 0: the server closed instead
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // chunks joined
  bool complete = false;                       // ended where HTTP says that it ends

  // The data of the server-sent events.
  std::vector<std::string> Events() const;
};

class LoopbackClient {
 public:
  // receive_buffer_bytes: 0 = what the system likes.
  explicit LoopbackClient(int port, int receive_buffer_bytes = 0);
  ~LoopbackClient();
  LoopbackClient(LoopbackClient&& other) noexcept;

  bool connected() const { return connected_; }
  bool Send(std::string_view bytes);
  bool SendGet(std::string_view path);
  bool SendPost(std::string_view path, std::string_view body);
  ClientResponse Receive();
  ClientResponse Get(std::string_view path);
  ClientResponse Post(std::string_view path, std::string_view body);

  // Reads until `marker` was seen; false at the end of the connection.
  bool ReadUntil(std::string_view marker);
  // True when the server has closed and nothing is left to read.
  bool AtEnd();

  void EndSending();  // closes this half only
  void Close();
  void Reset();  // closes with RST

 private:
  bool Fill();
  std::string TakeLine();
  std::string TakeBytes(std::size_t count);
  void ReceiveChunks(ClientResponse& response);

  int socket_ = -1;
  bool connected_ = false;
  std::string buffer_;
};

std::string PostText(std::string_view path, std::string_view body);

}  // namespace turbospec
