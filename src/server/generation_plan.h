// From a checked request body to what the engine runs: encodes prompts, renders the conversation,
// compiles grammars, gives every choice its seed. Runs on an I/O thread; costs what the tokenizer
// costs. The parts are immutable and not owned.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/generation.h"
#include "model/chat_template.h"
#include "model/grammar.h"
#include "model/tokenizer.h"
#include "server/api_error.h"
#include "server/chat_request.h"
#include "server/completion_request.h"

namespace turbospec {

enum class Endpoint { kCompletion, kChat };

// What the client sees on every part of one response.
struct ResponseIdentity {
  std::string id;
  std::int64_t created = 0;  // Unix time, seconds
  std::string model;
};

struct GenerationPlan {
  Endpoint endpoint = Endpoint::kCompletion;
  ResponseIdentity identity;
  bool stream = false;
  bool include_usage = false;
  bool logprobs = false;
  int choices_per_prompt = 1;
  std::vector<GenerationRequest> requests;  // by choice index: all of prompt 0, then of prompt 1, …
};

struct LanguageParts {
  const Tokenizer* tokenizer = nullptr;
  const ChatTemplate* chat_template = nullptr;        // null: no chat
  const GrammarCompiler* grammar_compiler = nullptr;  // null: no grammars
};

// `fresh_seed` seeds requests whose client gave none. identity.id and created are left to the
// caller.
ApiResult<GenerationPlan> PlanCompletion(CompletionRequest request, const LanguageParts& parts,
                                         std::uint64_t fresh_seed);
ApiResult<GenerationPlan> PlanChat(ChatRequest request, const LanguageParts& parts,
                                   std::uint64_t fresh_seed);

// The seed of choice `index` of a prompt: the first keeps the client's own.
std::uint64_t ChoiceSeed(std::uint64_t seed, int index);

}  // namespace turbospec
