#include "cli/load_models.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "cli/embedded_pair.h"

namespace turbospec::cli {
namespace {

Result<LlamaLoadOptions> LoadOptions(const EngineFlags& flags) {
  LlamaLoadOptions options;
  ModelPair pair{flags.model, flags.draft};
  if (flags.model.empty()) {
    auto embedded = FindEmbeddedPair();
    if (!embedded.ok()) return embedded.error();
    pair.target = embedded->target;
    if (flags.draft.empty()) pair.draft = embedded->draft;
  }
  options.target.path = pair.target;
  options.target.gpu_layers = flags.gpu_layers;
  options.target.devices = flags.devices;
  if (!pair.draft.empty() && pair.draft != "none") {
    options.draft = options.target;
    options.draft->path = pair.draft;
  }
  LlamaModelOptions& model = options.target_model;
  model.slots = flags.parallel;
  model.context_per_slot = flags.context;
  model.threads = ThreadsOf(flags);
  model.kv_type = flags.kv_type;
  model.unified_kv = flags.unified_kv;
  model.max_rows_per_forward = std::max(model.max_rows_per_forward, 2 * flags.parallel);
  options.draft_model = model;
  options.chat_template = flags.chat_template;
  return options;
}

}  // namespace

int ThreadsOf(const EngineFlags& flags) {
  if (flags.threads > 0) return flags.threads;
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

Result<std::unique_ptr<LlamaLoadedModels>> LoadModels(const EngineFlags& flags, const Note& note) {
  auto options = LoadOptions(flags);
  if (!options.ok()) return options.error();
  LlamaBackendOptions backend_options;
  backend_options.all_plugins = flags.gpu_layers != 0 || !flags.devices.empty();
  auto loaded = std::make_unique<LlamaLoadedModels>();
  auto backend = LlamaBackend::Create(std::move(backend_options));
  if (!backend.ok()) return backend.error();
  loaded->backend = *std::move(backend);
  auto models = LoadLlamaModels(*loaded->backend, *options);
  if (!models.ok()) return models.error();
  loaded->models = *std::move(models);
  loaded->tokenizer = loaded->models.tokenizer.get();
  loaded->chat_template = loaded->models.chat_template.get();
  loaded->grammar_compiler = loaded->models.grammar_compiler.get();
  loaded->target_name = loaded->models.target->info().name;
  if (loaded->models.draft) loaded->draft_name = loaded->models.draft->info().name;
  if (!loaded->models.note.empty()) {
    loaded->notes.push_back(loaded->models.note);
    note(loaded->models.note);
  }
  return loaded;
}

}  // namespace turbospec::cli
