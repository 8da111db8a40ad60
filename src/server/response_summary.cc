#include "server/response_summary.h"

#include <algorithm>

namespace turbospec {
namespace {

double Milliseconds(Seconds time) {
  return time.count() * 1e3;
}

}  // namespace

ResponseSummary Summarise(std::span<const GenerationUsage> usages, int choices_per_prompt) {
  ResponseSummary summary;
  int later_tokens = 0;
  for (std::size_t i = 0; i < usages.size(); ++i) {
    const GenerationUsage& usage = usages[i];
    if (i % static_cast<std::size_t>(choices_per_prompt) == 0) {
      summary.prompt_tokens += usage.prompt_tokens;
      summary.cached_tokens += usage.reused_prompt_tokens;
    }
    summary.output_tokens += usage.output_tokens;
    summary.steps += usage.steps;
    summary.drafted += usage.drafted;
    summary.verified += usage.verified;
    summary.accepted += usage.accepted;
    summary.first_token =
        i == 0 ? usage.first_token : std::min(summary.first_token, usage.first_token);
    summary.total = std::max(summary.total, usage.total);
    later_tokens += std::max(usage.output_tokens - 1, 0);
  }
  const double decode_seconds = (summary.total - summary.first_token).count();
  if (decode_seconds > 0) summary.tokens_per_second = later_tokens / decode_seconds;
  return summary;
}

OutputJson UsageJson(const ResponseSummary& summary) {
  return {{"prompt_tokens", summary.prompt_tokens},
          {"completion_tokens", summary.output_tokens},
          {"total_tokens", summary.prompt_tokens + summary.output_tokens},
          {"prompt_tokens_details", {{"cached_tokens", summary.cached_tokens}}}};
}

OutputJson TimingsJson(const ResponseSummary& summary) {
  return {{"ttft_ms", Milliseconds(summary.first_token)},
          {"total_ms", Milliseconds(summary.total)},
          {"tokens_per_second", summary.tokens_per_second},
          {"steps", summary.steps},
          {"drafted", summary.drafted},
          {"verified", summary.verified},
          {"accepted", summary.accepted}};
}

}  // namespace turbospec
