#include "server/generation_plan.h"

#include <utility>

#include "core/random.h"

namespace turbospec {
namespace {

// Templates and hand-written prompts alike spell control tokens in the text.
constexpr EncodeOptions kEncodeOptions{.add_special = true, .parse_special = true};

ApiResult<std::vector<TokenId>> EncodePrompt(Prompt prompt, const Tokenizer& tokenizer,
                                             const char* param) {
  if (auto* tokens = std::get_if<std::vector<TokenId>>(&prompt)) return std::move(*tokens);
  auto encoded = tokenizer.Encode(std::get<std::string>(prompt), kEncodeOptions);
  if (!encoded.ok()) return ToApiError(encoded.error(), param);
  if (encoded->empty()) return BadField(param, std::string("'") + param + "' has no tokens");
  return *std::move(encoded);
}

ApiResult<std::unique_ptr<Grammar>> CompileGrammar(const std::string& text,
                                                   const GrammarCompiler* compiler) {
  if (text.empty()) return std::unique_ptr<Grammar>();
  if (compiler == nullptr) {
    return ToApiError(Unsupported("this server was started without grammars"), "grammar");
  }
  auto compiled = compiler->Compile(text);
  if (!compiled.ok()) return ToApiError(compiled.error(), "grammar");
  return *std::move(compiled);
}

GenerationPlan StartPlan(Endpoint endpoint, const GenerationFields& fields) {
  GenerationPlan plan;
  plan.endpoint = endpoint;
  plan.identity.model = fields.model;
  plan.stream = fields.stream;
  plan.include_usage = fields.include_usage;
  plan.logprobs = fields.sampling.logprobs >= 0;
  plan.choices_per_prompt = fields.choices;
  return plan;
}

// A grammar holds the state of one request, so every choice gets its own.
Result<std::monostate, ApiError> AddChoices(const GenerationFields& fields,
                                            const std::vector<TokenId>& prompt,
                                            const LanguageParts& parts, std::uint64_t fresh_seed,
                                            GenerationPlan& plan) {
  for (int i = 0; i < fields.choices; ++i) {
    auto grammar = CompileGrammar(fields.grammar, parts.grammar_compiler);
    if (!grammar.ok()) return grammar.error();
    GenerationRequest request;
    request.prompt = prompt;
    request.sampling = fields.sampling;
    request.sampling.seed = ChoiceSeed(fields.seed.value_or(fresh_seed), i);
    request.seed_given = fields.seed.has_value();
    request.grammar = *std::move(grammar);
    request.max_tokens = fields.max_tokens;
    request.stop = fields.stop;
    request.ignore_end = fields.ignore_end;
    request.rule = fields.rule;
    plan.requests.push_back(std::move(request));
  }
  return std::monostate{};
}

}  // namespace

std::uint64_t ChoiceSeed(std::uint64_t seed, int index) {
  return index == 0 ? seed : MixBits(seed ^ MixBits(static_cast<std::uint64_t>(index)));
}

ApiResult<GenerationPlan> PlanCompletion(CompletionRequest request, const LanguageParts& parts,
                                         std::uint64_t fresh_seed) {
  GenerationPlan plan = StartPlan(Endpoint::kCompletion, request.fields);
  for (std::size_t i = 0; i < request.prompts.size(); ++i) {
    auto tokens = EncodePrompt(std::move(request.prompts[i]), *parts.tokenizer, "prompt");
    if (!tokens.ok()) return tokens.error();
    const std::uint64_t prompt_seed = MixBits(fresh_seed + i);
    auto added = AddChoices(request.fields, *tokens, parts, prompt_seed, plan);
    if (!added.ok()) return added.error();
  }
  return plan;
}

ApiResult<GenerationPlan> PlanChat(ChatRequest request, const LanguageParts& parts,
                                   std::uint64_t fresh_seed) {
  if (parts.chat_template == nullptr) {
    return ToApiError(Unsupported("this model has no chat template; use /v1/completions"));
  }
  auto text = parts.chat_template->Render(request.messages);
  if (!text.ok()) return ToApiError(text.error(), "messages");
  auto tokens = EncodePrompt(*std::move(text), *parts.tokenizer, "messages");
  if (!tokens.ok()) return tokens.error();
  GenerationPlan plan = StartPlan(Endpoint::kChat, request.fields);
  auto added = AddChoices(request.fields, *tokens, parts, fresh_seed, plan);
  if (!added.ok()) return added.error();
  return plan;
}

}  // namespace turbospec
