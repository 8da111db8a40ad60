// From file names to everything the engine needs of a target and a draft. Called once by the
// program at start-up; the result owns all of it and keeps the weights alive.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/result.h"
#include "model/llama/llama_backend.h"
#include "model/llama/llama_chat_template.h"
#include "model/llama/llama_grammar.h"
#include "model/llama/llama_model.h"
#include "model/llama/llama_tokenizer.h"
#include "model/llama/llama_weights.h"

namespace turbospec {

struct LlamaLoadOptions {
  LlamaWeightsOptions target;
  std::optional<LlamaWeightsOptions> draft;
  LlamaModelOptions target_model;
  // slots and context_per_slot are the target's, whatever is set here.
  LlamaModelOptions draft_model;
  std::string chat_template;  // see LlamaChatTemplate::Create
};

struct LlamaModels {
  std::shared_ptr<const LlamaWeights> target_weights;
  std::shared_ptr<const LlamaWeights> draft_weights;  // null without a draft
  std::shared_ptr<const LlamaTokenizer> tokenizer;
  std::shared_ptr<const ChatTemplate> chat_template;
  std::shared_ptr<const GrammarCompiler> grammar_compiler;
  std::unique_ptr<LlamaModel> target;
  std::unique_ptr<LlamaModel> draft;  // null without a draft, or when it cannot be used
  // Why speculation is off or has no draft model although one was named; "" = nothing to say.
  std::string note;
};

// Errors name the file. A draft with another vocabulary is an error; a target or draft whose memory
// cannot be truncated is served without it, which `note` explains.
Result<LlamaModels> LoadLlamaModels(LlamaBackend& backend, const LlamaLoadOptions& options);

}  // namespace turbospec
