#include "bench/goodput_limits.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace turbospec {
namespace {

std::optional<double> Positive(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value > 0)) return std::nullopt;
  return value;
}

bool Within(double ms, const std::optional<double>& limit_ms) {
  return !limit_ms || ms <= *limit_ms;
}

}  // namespace

Result<GoodputLimits> ParseGoodputLimits(std::string_view written) {
  GoodputLimits limits;
  while (!written.empty()) {
    const std::string_view part = written.substr(0, written.find(','));
    written.remove_prefix(std::min(written.size(), part.size() + 1));
    const std::size_t colon = std::min(part.find(':'), part.size());
    const std::string_view name = part.substr(0, colon);
    std::optional<double>* limit = name == "ttft"   ? &limits.ttft_ms
                                   : name == "tpot" ? &limits.tpot_ms
                                   : name == "e2el" ? &limits.e2el_ms
                                                    : nullptr;
    const auto value = Positive(part.substr(std::min(colon + 1, part.size())));
    if (limit == nullptr || !value) {
      return InvalidArgument("goodput limit \"" + std::string(part) +
                             "\": give ttft:MS, tpot:MS or e2el:MS, separated by commas");
    }
    *limit = value;
  }
  return limits;
}

bool IsGood(const RequestRecord& record, const GoodputLimits& limits) {
  if (record.outcome != Outcome::kCompleted || record.text_chunks == 0) return false;
  if (!Within(1e3 * TimeToFirstText(record).count(), limits.ttft_ms)) return false;
  if (!Within(1e3 * EndToEnd(record).count(), limits.e2el_ms)) return false;
  return record.output_tokens < 2 ||
         Within(1e3 * TimePerOutputToken(record).count(), limits.tpot_ms);
}

}  // namespace turbospec
