#include "cli/assembly.h"

#include <chrono>
#include <cstdint>
#include <ctime>
#include <random>
#include <thread>
#include <utility>

#include "cli/embedded_pair.h"
#include "control/controller_factory.h"
#include "control/recording_controller.h"
#include "model/llama/llama_loader.h"
#include "proposers/draft_proposer.h"
#include "proposers/prompt_lookup.h"

namespace turbospec::cli {
namespace {

using Note = std::function<void(const std::string&)>;

// Backend first, so that it goes last.
struct LlamaLoadedModels final : LoadedModels {
  std::unique_ptr<LlamaBackend> backend;
  LlamaModels models;
};

int ThreadsOf(const EngineFlags& flags) {
  if (flags.threads > 0) return flags.threads;
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

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
  model.fill_gaps = flags.fill_gaps;
  model.max_rows_per_forward = std::max(model.max_rows_per_forward, 2 * flags.parallel);
  options.draft_model = model;
  options.chat_template = flags.chat_template;
  return options;
}

Result<std::unique_ptr<LlamaLoadedModels>> Load(const EngineFlags& flags, const Note& note) {
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

// UTC, to the second.
std::string TimeOfDay() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

// Puts the log between engine and controller, where one is asked for.
Status LogDecisions(const EngineFlags& flags, const Note& note, Assembly& assembly,
                    std::unique_ptr<Controller>& controller) {
  if (flags.decisions.empty()) return Ok();
  auto file = CreateLogFile(flags.decisions);
  if (!file.ok()) return Error{file.error().code, "--decisions: " + file.error().message};
  const DecisionLogHeader header{.controller = flags.speculation,
                                 .target = assembly.models->target_name,
                                 .draft = assembly.models->draft_name,
                                 .started = TimeOfDay()};
  assembly.decisions =
      std::make_unique<DecisionLog>(*std::move(file), header, DecisionLogOptions{}, note);
  controller = std::make_unique<RecordingController>(
      std::move(controller), std::vector<StepRecordSink*>{assembly.decisions.get()});
  return Ok();
}

std::uint64_t RandomSeed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace

Result<Assembly> Assemble(const EngineFlags& flags, const Note& note) {
  if (Status valid = Validate(flags); !valid.ok()) return valid.error();
  auto controller = MakeController(flags.speculation);
  if (!controller.ok()) return controller.error();
  auto loaded = Load(flags, note);
  if (!loaded.ok()) return loaded.error();

  Assembly assembly;
  assembly.clock = std::make_unique<SteadyClock>();
  LlamaModels& models = (*loaded)->models;
  assembly.models = *std::move(loaded);
  Status logged = LogDecisions(flags, note, assembly, *controller);
  if (!logged.ok()) return logged.error();
  EngineParts parts;
  if (flags.lookup && models.target->info().can_truncate) {
    parts.proposers.push_back(
        std::make_unique<PromptLookup>(PromptLookupOptions{}, flags.parallel));
  }
  if (models.draft) {
    parts.proposers.push_back(std::make_unique<DraftProposer>(
        std::move(models.draft), DraftProposerOptions{}, *assembly.clock));
  }
  parts.target = std::move(models.target);
  parts.controller = *std::move(controller);
  parts.tokenizer = assembly.models->tokenizer;
  parts.clock = assembly.clock.get();
  auto engine = Engine::Create(std::move(parts), {.max_waiting = flags.max_waiting,
                                                  .prefill_rows_per_step = flags.prefill_rows,
                                                  .seed = RandomSeed()});
  if (!engine.ok()) return engine.error();
  assembly.engine = *std::move(engine);
  return assembly;
}

}  // namespace turbospec::cli
