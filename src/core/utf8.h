// UTF-8 arriving in pieces: releases whole characters only, replaces what can never become one by
// U+FFFD. One object per output stream; O(bytes).
#pragma once

#include <string>
#include <string_view>

namespace turbospec {

// True when `text` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool IsValidUtf8(std::string_view text);

class Utf8Stream {
 public:
  // Appends to `out` every character that `bytes` completes.
  void Append(std::string_view bytes, std::string& out);

  // The stream ended: an unfinished character becomes U+FFFD.
  void Flush(std::string& out);

 private:
  std::string held_;  // the beginning of one character, at most 3 bytes
};

}  // namespace turbospec
