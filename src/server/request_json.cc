#include "server/request_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

namespace turbospec {
namespace {

using nlohmann::json;

ApiError BadJson(std::string message) {
  return {400, std::move(message), "", "invalid_json"};
}

// Upper bounds by brackets and commas outside strings; exact for well-formed text.
Status CheckLimits(std::string_view body) {
  int depth = 0;
  int values = 1;
  bool in_string = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      ++values;
      if (++depth > kMaxJsonDepth) {
        return InvalidArgument("the body nests deeper than " + std::to_string(kMaxJsonDepth) +
                               " levels");
      }
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',') {
      ++values;
    }
    if (values > kMaxJsonValues) {
      return InvalidArgument("the body has more than " + std::to_string(kMaxJsonValues) +
                             " values");
    }
  }
  return Ok();
}

// Only looks for the place of the first error.
struct ErrorFinder : nlohmann::json_sax<json> {
  std::size_t position = 0;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t at, const std::string&, const json::exception&) override {
    position = at;
    return false;
  }
};

}  // namespace

ApiResult<json> ParseRequestJson(std::string_view body) {
  if (body.empty()) return BadJson("the request body is empty; send a JSON object");
  if (Status limits = CheckLimits(body); !limits.ok()) return BadJson(limits.error().message);
  json parsed = json::parse(body.begin(), body.end(), nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) {
    ErrorFinder finder;
    json::sax_parse(body.begin(), body.end(), &finder);
    return BadJson("the request body is not valid JSON (UTF-8, finite numbers): error at byte " +
                   std::to_string(finder.position));
  }
  if (!parsed.is_object()) {
    return BadJson(std::string("the request body must be a JSON object, got ") +
                   parsed.type_name());
  }
  return parsed;
}

}  // namespace turbospec
