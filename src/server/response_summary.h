// Usage and timings of a whole response, summed over its choices. Pure; any thread.
#pragma once

#include <span>

#include "core/clock.h"
#include "engine/generation.h"
#include "server/response_json.h"

namespace turbospec {

struct ResponseSummary {
  int prompt_tokens = 0;  // a prompt counts once, however many choices it has
  int cached_tokens = 0;
  int output_tokens = 0;
  int steps = 0;
  int drafted = 0;
  int verified = 0;
  int accepted = 0;
  Seconds first_token{0};  // of the earliest choice
  Seconds total{0};        // of the latest choice

  // Tokens after the first of each choice, per second after the first token. 0 = too short to say.
  double tokens_per_second = 0;
};

// `usages` by choice index: choices_per_prompt of each prompt, one prompt after the other.
ResponseSummary Summarise(std::span<const GenerationUsage> usages, int choices_per_prompt);

OutputJson UsageJson(const ResponseSummary& summary);
OutputJson TimingsJson(const ResponseSummary& summary);

}  // namespace turbospec
