#include "cli/flags.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace turbospec::cli {
namespace {

constexpr int kMaxSlots = 256;

// One flag with its twin in the environment: --max-tokens and TURBOSPEC_MAX_TOKENS.
template <class T>
CLI::Option* Add(CLI::App& app, const std::string& names, T& value, const std::string& help) {
  const std::string longest = names.substr(names.rfind("--") + 2);
  std::string variable = "TURBOSPEC_";
  for (const char c : longest) {
    variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return app.add_option(names, value, help)->envname(variable)->capture_default_str();
}

}  // namespace

void AddModelFlags(CLI::App& app, EngineFlags& flags) {
  const std::string group = "Models";
  Add(app, "-m,--model", flags.model, "target model, a GGUF file (default: the embedded pair)")
      ->group(group);
  Add(app, "-d,--draft", flags.draft, "draft model, a GGUF file, or \"none\"")->group(group);
  Add(app, "-p,--parallel", flags.parallel, "requests that decode together (KV slots)")
      ->group(group);
  Add(app, "-c,--context", flags.context, "tokens per request (default: the model's)")
      ->group(group);
  Add(app, "-t,--threads", flags.threads, "compute threads (default: one per core)")->group(group);
  Add(app, "--ngl,--gpu-layers", flags.gpu_layers, "layers on the GPU; -1 = all")->group(group);
  Add(app, "--device", flags.devices, "backend device by name; repeatable")->group(group);
  Add(app, "--kv-type", flags.kv_type, "type of the KV cache: f32, f16, bf16, q8_0, q4_0, …")
      ->group(group);
  app.add_flag("--unified-kv", flags.unified_kv,
               "one KV buffer for all requests: ragged batches in one pass, slower rows")
      ->group(group);
}

void AddEngineFlags(CLI::App& app, EngineFlags& flags) {
  AddModelFlags(app, flags);
  const std::string group = "Engine";
  Add(app, "-s,--speculation", flags.speculation,
      "auto | off | fixed:K | fixed:lookup=K,draft=K | table[:1-4=K,5-=0] | ema | paper[:K] | "
      "budget[:K]: draft tokens per step and request (docs/controllers.md)")
      ->group(group);
  Add(app, "--profile", flags.profile,
      "prices of the machine: a file, auto (cached, or measured if needed), off (coarse)")
      ->group(group);
  app.add_flag("--lookup,!--no-lookup", flags.lookup, "prompt lookup as a source of drafts")
      ->group(group);
  app.add_flag("--fill-gaps,!--no-fill-gaps", flags.fill_gaps,
               "dummy rows in idle slots where the profile says that it saves time")
      ->group(group);
  Add(app, "--chat-template", flags.chat_template, "name or text of a template (default: model's)")
      ->group(group);
  Add(app, "--max-waiting", flags.max_waiting, "requests that may wait for a slot")->group(group);
  Add(app, "--prefill-rows", flags.prefill_rows, "prompt tokens per step beside decoding requests")
      ->group(group);
  Add(app, "--decisions", flags.decisions,
      "write why every step was planned as it was to this file (see explain)")
      ->group(group);
}

void AddRequestFlags(CLI::App& app, RequestFlags& flags) {
  const std::string group = "Sampling";
  SamplingParameters& s = flags.sampling;
  Add(app, "-n,--max-tokens", flags.max_tokens, "output limit; 0 = to the end of the context")
      ->group(group);
  Add(app, "--temperature", s.temperature, "0 = greedy")->group(group);
  Add(app, "--top-k", s.top_k, "0 = off")->group(group);
  Add(app, "--top-p", s.top_p, "1 = off")->group(group);
  Add(app, "--min-p", s.min_p, "0 = off")->group(group);
  Add(app, "--repetition-penalty", s.repetition_penalty, "1 = off")->group(group);
  Add(app, "--presence-penalty", s.presence_penalty, "0 = off")->group(group);
  Add(app, "--frequency-penalty", s.frequency_penalty, "0 = off")->group(group);
  Add(app, "--logprobs", s.logprobs, "alternatives per token in --json; -1 = none")->group(group);
  app.add_option_function<std::uint64_t>(
         "--seed",
         [&flags](std::uint64_t seed) {
           flags.sampling.seed = seed;
           flags.seed_given = true;
         },
         "repeat the same text (default: random)")
      ->envname("TURBOSPEC_SEED")
      ->group(group);
  Add(app, "--stop", flags.stop, "text that ends the output; repeatable")->group(group);
  Add(app, "--grammar", flags.grammar, "GBNF grammar, the text itself")->group(group);
  app.add_flag("--ignore-end", flags.ignore_end, "go on after the end token")->group(group);
  Add(app, "--rule", flags.rule, "auto | match | rejection: how drafts are accepted")->group(group);
}

Status Validate(const EngineFlags& flags) {
  if (flags.parallel < 1 || flags.parallel > kMaxSlots) {
    return InvalidArgument("--parallel must be from 1 to " + std::to_string(kMaxSlots) + ", not " +
                           std::to_string(flags.parallel));
  }
  if (flags.context < 0) return InvalidArgument("--context must not be negative");
  if (flags.threads < 0) return InvalidArgument("--threads must not be negative");
  if (flags.gpu_layers < -1) return InvalidArgument("--gpu-layers must be -1 or more");
  if (flags.max_waiting < 1) return InvalidArgument("--max-waiting must be at least 1");
  if (flags.prefill_rows < 1) return InvalidArgument("--prefill-rows must be at least 1");
  return Ok();
}

Result<AcceptanceRule> ParseRule(const std::string& written) {
  if (written == "auto") return AcceptanceRule::kAuto;
  if (written == "match") return AcceptanceRule::kMatch;
  if (written == "rejection") return AcceptanceRule::kRejection;
  return InvalidArgument("--rule must be auto, match or rejection, not \"" + written + "\"");
}

}  // namespace turbospec::cli
