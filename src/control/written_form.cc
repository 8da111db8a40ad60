#include "control/written_form.h"

#include <charconv>

namespace turbospec {

std::optional<int> ParseWhole(std::string_view text, int least, int most) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (number < least || number > most) return std::nullopt;
  return number;
}

std::optional<int> ParseDepth(std::string_view text) {
  return ParseWhole(text, 1, kMaxWrittenDepth);
}

Error WrongForm(std::string_view written, const std::string& why) {
  return InvalidArgument("controller \"" + std::string(written) + "\": " + why +
                         "; forms: auto, off, fixed:K, fixed:draft=K, fixed:lookup=K, "
                         "fixed:lookup=K,draft=K, table, table:1-4=K,5-16=K,17-=0, ema, "
                         "paper[:K][,censored], budget[:K] with K from 1 to " +
                         std::to_string(kMaxWrittenDepth));
}

}  // namespace turbospec
