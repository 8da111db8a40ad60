// JSON for what the server says, keys in the order written. Only rendering sources include this;
// requests are parsed into another type (request_json.h) whose lookups stay fast for hostile input.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace turbospec {

using OutputJson = nlohmann::ordered_json;

// Never throws on bytes that are not UTF-8 (a token may hold a part of a character): they become
// replacement characters.
inline std::string Dump(const OutputJson& value) {
  return value.dump(-1, ' ', false, OutputJson::error_handler_t::replace);
}

}  // namespace turbospec
