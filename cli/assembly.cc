#include "cli/assembly.h"

#include <chrono>
#include <cstdint>
#include <ctime>
#include <random>
#include <utility>

#include "cli/controller_prices.h"
#include "cli/load_models.h"
#include "cli/profile_source.h"
#include "control/controller_factory.h"
#include "control/recording_controller.h"
#include "proposers/draft_proposer.h"
#include "proposers/prompt_lookup.h"

namespace turbospec::cli {
namespace {

using Note = std::function<void(const std::string&)>;

// UTC, to the second.
std::string TimeOfDay() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

// Null where no log is asked for.
Result<std::unique_ptr<LogOutput>> OpenDecisions(const EngineFlags& flags) {
  if (flags.decisions.empty()) return std::unique_ptr<LogOutput>();
  auto file = CreateLogFile(flags.decisions);
  if (!file.ok()) return Error{file.error().code, "--decisions: " + file.error().message};
  return file;
}

// Puts the log between engine and controller.
void LogDecisions(std::unique_ptr<LogOutput> file, const std::string& speculation,
                  const ModelInfo& info, const Note& note, Assembly& assembly,
                  std::unique_ptr<Controller>& controller) {
  if (!file) return;
  const DecisionLogHeader header{.controller = speculation,
                                 .target = assembly.models->target_name,
                                 .draft = assembly.models->draft_name,
                                 .started = TimeOfDay(),
                                 .slots = info.slots,
                                 .context = info.context_per_slot};
  assembly.decisions =
      std::make_unique<DecisionLog>(std::move(file), header, DecisionLogOptions{}, note);
  controller = std::make_unique<RecordingController>(
      std::move(controller), std::vector<StepRecordSink*>{assembly.decisions.get()});
}

std::uint64_t RandomSeed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace

Result<Assembly> Assemble(const EngineFlags& flags, const Note& note) {
  if (Status valid = Validate(flags); !valid.ok()) return valid.error();
  if (Status known = CheckSpeculation(flags.speculation); !known.ok()) return known.error();
  auto loaded = LoadModels(flags, note);
  if (!loaded.ok()) return loaded.error();
  auto decisions = OpenDecisions(flags);  // before anything that takes long
  if (!decisions.ok()) return decisions.error();

  Assembly assembly;
  assembly.clock = std::make_unique<SteadyClock>();
  LlamaModels& models = (*loaded)->models;
  auto profile = ObtainProfile(flags, models, *assembly.clock, note);
  if (!profile.ok()) return profile.error();
  const ModelInfo& info = models.target->info();
  auto prices = ControllerInputsOf(*profile, info.slots, info.context_per_slot);
  if (!prices.ok()) return prices.error();
  if (flags.fill_gaps) {
    models.target->FillGaps(prices->target_pass);
    if (models.draft) models.draft->FillGaps(prices->draft_pass);
  }
  const std::string speculation = info.can_truncate ? flags.speculation : "off";
  auto controller = MakeController(speculation, *prices);
  if (!controller.ok()) return controller.error();
  assembly.models = *std::move(loaded);
  LogDecisions(*std::move(decisions), speculation, info, note, assembly, *controller);
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
