// One streamed request on a connection of its own: connects, sends, times what comes back, and
// reports a record exactly once. Made and driven on the load client's I/O thread; keeps itself
// alive until it has reported. The time of a chunk is taken once per read of the socket.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/request_record.h"
#include "bench/response_reader.h"
#include "bench/sse_parser.h"

namespace turbospec {

class StreamRequest : public std::enable_shared_from_this<StreamRequest> {
 public:
  using Endpoints = boost::asio::ip::tcp::resolver::results_type;
  using OnEnd = std::function<void(StreamRequest&, RequestRecord)>;
  using OnText = std::function<void()>;

  struct Job {
    std::string http_text;  // the whole request
    Seconds origin{0};      // the clock's time that the record calls zero
    Seconds timeout{0};     // from now on
    RequestRecord record;   // class_name, scheduled and sent are filled
    OnText on_text;         // each chunk with text, for the progress line
    OnEnd on_end;
  };

  // `clock` and `endpoints` outlive the request.
  StreamRequest(boost::asio::io_context& context, const Clock& clock, Job job);

  void Start(const Endpoints& endpoints);
  // Reports kCancelled unless it has reported.
  void Cancel();

 private:
  using Error = boost::system::error_code;

  void Send();
  void Read();
  void OnRead(Error error, std::size_t bytes);
  void OnBody(std::string_view piece);
  void OnEvent(std::string_view data);
  void TimeText();
  void TakeUsage();
  void EndOfConnection(const Error& error);
  void EndOfResponse();
  void Finish(Outcome outcome, std::string detail = "");
  Seconds Now() const { return clock_.Now() - job_.origin; }

  const Clock& clock_;
  Job job_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  ResponseReader response_;
  SseParser events_;
  std::vector<char> buffer_;
  std::size_t buffered_ = 0;
  Seconds read_at_{0};
  std::string usage_event_;  // the last one; parsed at the end only
  std::string error_body_;   // the beginning of a body that is no event stream
  bool done_ = false;        // [DONE] was seen
  bool reported_ = false;
};

}  // namespace turbospec
