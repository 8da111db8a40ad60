#include "bench/url.h"

#include <algorithm>
#include <charconv>

namespace turbospec {
namespace {

constexpr std::string_view kScheme = "http://";
constexpr int kLargestPort = 65535;

Error Wrong(std::string_view written, const std::string& why) {
  return InvalidArgument("URL \"" + std::string(written) + "\": " + why);
}

bool IsPort(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 1 &&
         number <= kLargestPort;
}

// Control characters and blanks would end up in the request line.
bool IsPlain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::string Prefix(std::string_view path) {
  path = path.substr(0, path.find_first_of("?#"));
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with("/v1")) path.remove_suffix(3);
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

}  // namespace

std::string ServerUrl::Authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + port;
}

Result<ServerUrl> ParseServerUrl(std::string_view written) {
  if (written.starts_with("https://")) {
    return Unsupported("URL \"" + std::string(written) +
                       "\": TLS is not measured; use http:// and the server itself");
  }
  if (!written.starts_with(kScheme)) return Wrong(written, "must begin with http://");
  if (!IsPlain(written)) return Wrong(written, "has a character that no URL may have");
  std::string_view rest = written.substr(kScheme.size());
  const std::size_t slash = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, slash);
  if (authority.find('@') != std::string_view::npos) {
    return Wrong(written, "user and password are not supported; use --api-key");
  }
  ServerUrl url{.host = "", .port = "80", .prefix = Prefix(rest.substr(slash))};
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return Wrong(written, "\"[\" without \"]\"");
    url.host = authority.substr(1, close - 1);
    authority.remove_prefix(close + 1);
  } else {
    const std::size_t end = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, end);
    authority.remove_prefix(end);
  }
  if (url.host.empty()) return Wrong(written, "has no host");
  if (authority.empty()) return url;
  if (!authority.starts_with(':')) return Wrong(written, "something follows the host");
  url.port = authority.substr(1);
  if (!IsPort(url.port)) return Wrong(written, "the port must be a number from 1 to 65535");
  return url;
}

}  // namespace turbospec
