#include "cli/generate_report.h"

#include <fmt/format.h>

#include <array>
#include <numeric>

namespace turbospec::cli {
namespace {

using Json = nlohmann::json;

constexpr std::array<const char*, kProposerKinds> kProposerNames = {"prompt_lookup", "draft_model"};

const char* Name(FinishReason reason) {
  switch (reason) {
    case FinishReason::kStop:
      return "stop";
    case FinishReason::kLength:
      return "length";
    case FinishReason::kCancelled:
      return "cancelled";
    case FinishReason::kError:
      return "error";
  }
  return "error";
}

double PerSecond(std::int64_t count, Seconds time) {
  return time.count() > 0 ? static_cast<double>(count) / time.count() : 0.0;
}

Json AcceptanceJson(const AcceptanceCounts& counts) {
  Json rates = Json::array();
  for (std::size_t i = 0; i < counts.tried_at.size(); ++i) {
    rates.push_back(counts.tried_at[i] == 0 ? Json(nullptr)
                                            : Json(static_cast<double>(counts.accepted_at[i]) /
                                                   static_cast<double>(counts.tried_at[i])));
  }
  return {{"proposed", counts.proposed},
          {"verified", counts.verified},
          {"accepted", counts.accepted},
          {"conditional_acceptance_by_position", std::move(rates)}};
}

Json TokenJson(const OutputToken& token, int logprobs) {
  Json json = {{"id", token.sampled.token}};
  if (logprobs >= 0) {
    json["logprob"] = token.sampled.logprob;
    for (const TokenLogprob& top : token.sampled.top) {
      json["top"].push_back({{"id", top.token}, {"logprob", top.logprob}});
    }
  }
  return json;
}

}  // namespace

Json ResultJson(int index, const std::string& text, const OutputDelta& last,
                const std::vector<OutputToken>& tokens, int logprobs) {
  const Finish& finish = *last.finish;
  const GenerationUsage& usage = finish.usage;
  Json json = {{"index", index},
               {"text", text},
               {"finish_reason", Name(finish.reason)},
               {"prompt_tokens", usage.prompt_tokens},
               {"reused_prompt_tokens", usage.reused_prompt_tokens},
               {"output_tokens", usage.output_tokens},
               {"steps", usage.steps},
               {"drafted", usage.drafted},
               {"verified", usage.verified},
               {"accepted", usage.accepted},
               {"first_token_seconds", usage.first_token.count()},
               {"total_seconds", usage.total.count()}};
  if (finish.error) json["error"] = finish.error->message;
  json["tokens"] = Json::array();
  for (const OutputToken& token : tokens) json["tokens"].push_back(TokenJson(token, logprobs));
  return json;
}

Json SummaryJson(const EngineStatistics& s, Seconds wall) {
  Json json = {{"output_tokens", s.output_tokens},
               {"prompt_tokens", s.prompt_tokens},
               {"wall_seconds", wall.count()},
               {"tokens_per_second", PerSecond(s.output_tokens, wall)},
               {"steps", s.steps},
               {"acceptance_length", s.AcceptanceLength()},
               {"target_passes", s.target_passes},
               {"draft_passes", s.draft_passes},
               {"draft_faults", s.draft_faults},
               {"seconds",
                {{"draft", s.draft_time.count()},
                 {"target", s.target_time.count()},
                 {"sampling", s.sampling_time.count()},
                 {"rest", s.host_time.count()}}}};
  for (std::size_t p = 0; p < kProposerKinds; ++p) {
    json["acceptance"][kProposerNames[p]] = AcceptanceJson(s.acceptance[p]);
  }
  return json;
}

std::string SummaryLine(const EngineStatistics& s, Seconds wall) {
  const Seconds busy = s.draft_time + s.target_time + s.sampling_time + s.host_time;
  const auto share = [&](Seconds part) { return busy.count() > 0 ? 100.0 * (part / busy) : 0.0; };
  return fmt::format(
      "{} tokens in {:.2f} s = {:.1f} tokens/s; {} steps, {:.2f} tokens per request and step; time "
      "{:.0f}% target, {:.0f}% draft, {:.1f}% sampling, {:.1f}% rest",
      s.output_tokens, wall.count(), PerSecond(s.output_tokens, wall), s.steps,
      s.AcceptanceLength(), share(s.target_time), share(s.draft_time), share(s.sampling_time),
      share(s.host_time));
}

}  // namespace turbospec::cli
