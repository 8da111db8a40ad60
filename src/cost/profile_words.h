// The words and limits of the profile file that its writer and its reader share. Internal.
#pragma once

#include <cstdint>
#include <string>

#include "cost/cost_profile.h"

namespace turbospec {

inline constexpr int kProfileVersion = 2;

inline const char* WordOf(BatchRule rule) {
  return rule == BatchRule::kOnePass ? "one_pass" : "equal_length";
}

inline const char* WordOf(ProfileMode mode) {
  return mode == ProfileMode::kFull ? "full" : "quick";
}

// 16 hexadecimal digits: JSON readers of other languages keep 53 bits of a number only.
inline std::string FingerprintText(std::uint64_t fingerprint) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(fingerprint >> shift) & 15];
  return text;
}

}  // namespace turbospec
