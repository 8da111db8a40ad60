#include "core/utf8.h"

#include <cstddef>

namespace turbospec {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Scan {
  std::size_t size = 1;  // bytes of the character, or of the invalid run to be replaced
  bool valid = false;
  bool cut_short = false;  // a good beginning, but `text` ends before the character does
};

// Classifies the first character of `text` (RFC 3629, section 4).
Scan ScanCharacter(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, true, false};
  std::size_t size = 0;
  unsigned char low = 0x80;  // bounds of the second byte
  unsigned char high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    size = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    size = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    size = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return {};
  }
  for (std::size_t i = 1; i < size; ++i) {
    if (i == text.size()) return {i, false, true};
    if (byte(i) < low || byte(i) > high) return {i, false, false};
    low = 0x80;
    high = 0xBF;
  }
  return {size, true, false};
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    const Scan scan = ScanCharacter(text);
    if (!scan.valid) return false;
    text.remove_prefix(scan.size);
  }
  return true;
}

void Utf8Stream::Append(std::string_view bytes, std::string& out) {
  if (!held_.empty()) {
    held_.append(bytes);
    bytes = held_;
  }
  std::string rest;
  while (!bytes.empty()) {
    const Scan scan = ScanCharacter(bytes);
    if (scan.cut_short) {
      rest = bytes;
      break;
    }
    out.append(scan.valid ? bytes.substr(0, scan.size) : kReplacement);
    bytes.remove_prefix(scan.size);
  }
  held_ = std::move(rest);
}

void Utf8Stream::Flush(std::string& out) {
  if (!held_.empty()) out.append(kReplacement);
  held_.clear();
}

}  // namespace turbospec
