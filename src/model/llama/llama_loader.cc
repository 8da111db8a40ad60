#include "model/llama/llama_loader.h"

#include <utility>

namespace turbospec {
namespace {

Status LoadTarget(LlamaBackend& backend, const LlamaLoadOptions& options, LlamaModels* models) {
  auto weights = LlamaWeights::Load(backend, options.target);
  if (!weights.ok()) return weights.error();
  models->target_weights = std::move(weights).value();
  auto chat = LlamaChatTemplate::Create(*models->target_weights, options.chat_template);
  if (!chat.ok()) return chat.error();
  models->chat_template = std::move(chat).value();
  models->tokenizer = std::make_shared<LlamaTokenizer>(models->target_weights);
  models->grammar_compiler = std::make_shared<LlamaGrammarCompiler>(models->tokenizer);
  auto target = LlamaModel::Create(models->target_weights, options.target_model);
  if (!target.ok()) return target.error();
  models->target = std::move(target).value();
  if (!models->target->info().can_truncate) {
    models->note = "speculation is off: the memory of " + models->target->info().name +
                   " cannot be truncated (a recurrent or hybrid model)";
  }
  return Ok();
}

Status LoadDraft(LlamaBackend& backend, const LlamaLoadOptions& options, LlamaModels* models) {
  auto weights = LlamaWeights::Load(backend, *options.draft);
  if (!weights.ok()) return weights.error();
  const Status same = CompareVocabularies(*models->target_weights, **weights);
  if (!same.ok()) return same;
  // A draft that is never run would only take memory.
  if (!models->target->info().can_truncate) return Ok();
  models->draft_weights = std::move(weights).value();
  LlamaModelOptions draft_options = options.draft_model;
  draft_options.slots = models->target->info().slots;
  draft_options.context_per_slot = models->target->info().context_per_slot;
  auto draft = LlamaModel::Create(models->draft_weights, draft_options);
  if (!draft.ok()) return draft.error();
  if (!(*draft)->info().can_truncate) {
    models->note = "the draft model is not used: the memory of " + (*draft)->info().name +
                   " cannot be truncated (a recurrent or hybrid model)";
    models->draft_weights = nullptr;
    return Ok();
  }
  models->draft = std::move(draft).value();
  return Ok();
}

}  // namespace

Result<LlamaModels> LoadLlamaModels(LlamaBackend& backend, const LlamaLoadOptions& options) {
  LlamaModels models;
  if (Status target = LoadTarget(backend, options, &models); !target.ok()) return target.error();
  if (!options.draft) return models;
  if (Status draft = LoadDraft(backend, options, &models); !draft.ok()) return draft.error();
  return models;
}

}  // namespace turbospec
