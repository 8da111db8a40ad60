#include "server/request_reader.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstring>
#include <optional>
#include <utility>

namespace turbospec {

namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

// A buffer that one large request left behind is given back beyond this.
constexpr std::size_t kKeptBufferBytes = 64 * 1024;

ApiError ToApiError(const beast::error_code& error, const ReadLimits& limits) {
  if (error == http::error::body_limit) {
    return {413, "the body is larger than " + std::to_string(limits.max_body_bytes) + " bytes", "",
            "body_too_large"};
  }
  if (error == http::error::header_limit) {
    return {431,
            "the headers are larger than " + std::to_string(limits.max_header_bytes) + " bytes", "",
            "headers_too_large"};
  }
  return {400, "this is not an HTTP/1.1 request: " + error.message(), "", "invalid_http"};
}

}  // namespace

struct RequestReader::Parser {
  explicit Parser(const ReadLimits& read_limits) : limits(read_limits) { Begin(); }

  void Begin() {
    http.emplace();
    http->header_limit(static_cast<std::uint32_t>(limits.max_header_bytes));
    http->body_limit(limits.max_body_bytes);
    http->eager(true);
    began = false;
    expectation_taken = false;
  }

  void Feed();

  ReadLimits limits;
  beast::flat_buffer buffer;
  std::optional<http::request_parser<http::string_body>> http;
  std::optional<ApiError> error;
  bool began = false;
  bool expectation_taken = false;
};

void RequestReader::Parser::Feed() {
  while (!http->is_done() && buffer.size() > 0) {
    began = true;
    beast::error_code failure;
    const std::size_t used = http->put(buffer.data(), failure);
    buffer.consume(used);
    if (failure && failure != http::error::need_more) {
      error = ToApiError(failure, limits);
      return;
    }
    if (failure || used == 0) return;
  }
}

RequestReader::RequestReader(const ReadLimits& limits)
    : parser_(std::make_unique<Parser>(limits)) {}
RequestReader::~RequestReader() = default;

void RequestReader::Append(std::string_view bytes) {
  const auto room = parser_->buffer.prepare(bytes.size());
  std::memcpy(room.data(), bytes.data(), bytes.size());
  parser_->buffer.commit(bytes.size());
}

std::size_t RequestReader::buffered() const {
  return parser_->buffer.size();
}

RequestReader::State RequestReader::Advance() {
  if (!parser_->error) parser_->Feed();
  if (parser_->error) return State::kFailed;
  if (parser_->http->is_done()) return State::kComplete;
  if (!parser_->began) return State::kIdle;
  return parser_->http->is_header_done() ? State::kBody : State::kHeader;
}

bool RequestReader::TakeExpectation() {
  if (parser_->expectation_taken || !parser_->http->is_header_done()) return false;
  if (!beast::iequals(parser_->http->get()[http::field::expect], "100-continue")) return false;
  parser_->expectation_taken = true;
  return true;
}

HttpRequest RequestReader::Take() {
  const bool keep_alive = parser_->http->keep_alive();
  http::request<http::string_body> message = parser_->http->release();
  HttpRequest request;
  request.method = std::string(message.method_string());
  const std::string target(message.target());
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = target.substr(question + 1);
  request.body = std::move(message.body());
  request.chunked_allowed = message.version() >= 11;
  request.keep_alive = keep_alive;
  if (parser_->buffer.size() == 0 && parser_->buffer.capacity() > kKeptBufferBytes) {
    parser_->buffer.shrink_to_fit();
  }
  parser_->Begin();
  return request;
}

const ApiError& RequestReader::error() const {
  return *parser_->error;
}

}  // namespace turbospec
