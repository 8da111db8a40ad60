#include "bench/response_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/none.hpp>
#include <utility>

namespace turbospec {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

// Derives from Beast's grammar without a message behind it, so that the body is never stored.
class ResponseReader::Parser final : public http::basic_parser<false> {
 public:
  explicit Parser(OnBody on_body) : on_body_(std::move(on_body)) {
    eager(true);
    body_limit(boost::none);
  }

  int status() const { return status_; }
  bool event_stream() const { return event_stream_; }

 private:
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view, int, error_code&) override { status_ = code; }
  void on_field_impl(http::field name, string_view, string_view value, error_code&) override {
    if (name == http::field::content_type) event_stream_ = value.starts_with("text/event-stream");
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override {
    on_body_({body.data(), body.size()});
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    on_body_({body.data(), body.size()});
    return body.size();
  }
  void on_finish_impl(error_code&) override {}

  OnBody on_body_;
  int status_ = 0;
  bool event_stream_ = false;
};

ResponseReader::ResponseReader(OnBody on_body)
    : parser_(std::make_unique<Parser>(std::move(on_body))) {}

ResponseReader::~ResponseReader() = default;

Result<std::size_t> ResponseReader::Feed(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && !parser_->is_done()) {
    error_code error;
    const std::size_t taken =
        parser_->put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), error);
    used += taken;
    if (error == http::error::need_more || (!error && taken == 0)) break;
    if (error) return InvalidArgument("no HTTP response: " + error.message());
  }
  return used;
}

bool ResponseReader::End() {
  if (parser_->is_done()) return true;
  if (!parser_->got_some()) return false;
  error_code error;
  parser_->put_eof(error);
  return !error && parser_->is_done();
}

bool ResponseReader::finished() const {
  return parser_->is_done();
}

int ResponseReader::status() const {
  return parser_->is_header_done() ? parser_->status() : 0;
}

bool ResponseReader::event_stream() const {
  return parser_->event_stream();
}

}  // namespace turbospec
