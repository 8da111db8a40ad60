// Where the measured server is. Pure; called once by the command line.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace turbospec {

struct ServerUrl {
  std::string host;    // without brackets
  std::string port;    // digits
  std::string prefix;  // put before "/v1/…": "" or "/some/path", without a slash at its end

  // As in the Host header: "127.0.0.1:8080", "[::1]:8080".
  std::string Authority() const;
};

// "http://host[:port][/prefix]"; without a port 80. A final "/v1" is understood as OpenAI clients
// write it and left out. kInvalidArgument says what is wrong, kUnsupported is for https.
Result<ServerUrl> ParseServerUrl(std::string_view written);

}  // namespace turbospec
