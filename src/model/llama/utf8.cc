#include "model/llama/utf8.h"

#include <cstddef>
#include <cstdint>

namespace turbospec {
namespace {

// Bytes that follow a lead byte, and the smallest code point that needs so many; -1 = no lead.
struct Lead {
  int following = -1;
  std::uint32_t bits = 0;
  std::uint32_t smallest = 0;
};

Lead LeadOf(unsigned char byte) {
  if (byte < 0x80) return {0, byte, 0};
  if (byte >= 0xC0 && byte < 0xE0) return {1, byte & 0x1Fu, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return {2, byte & 0x0Fu, 0x800};
  if (byte >= 0xF0 && byte < 0xF8) return {3, byte & 0x07u, 0x10000};
  return {};
}

}  // namespace

bool IsUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Lead lead = LeadOf(static_cast<unsigned char>(text[i++]));
    if (lead.following < 0) return false;
    std::uint32_t point = lead.bits;
    for (int n = 0; n < lead.following; ++n) {
      if (i == text.size()) return false;
      const auto byte = static_cast<unsigned char>(text[i++]);
      if ((byte & 0xC0) != 0x80) return false;
      point = point << 6 | (byte & 0x3Fu);
    }
    if (point < lead.smallest || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) {
      return false;
    }
  }
  return true;
}

}  // namespace turbospec
