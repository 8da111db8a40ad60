#include "cli/assembly.h"

#include <cstdint>
#include <random>
#include <utility>

#include "cli/controller_prices.h"
#include "cli/load_models.h"
#include "cli/profile_source.h"
#include "control/controller_factory.h"
#include "proposers/draft_proposer.h"
#include "proposers/prompt_lookup.h"

namespace turbospec::cli {
namespace {

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

  Assembly assembly;
  assembly.clock = std::make_unique<SteadyClock>();
  LlamaModels& models = (*loaded)->models;
  auto profile = ObtainProfile(flags, models, *assembly.clock, note);
  if (!profile.ok()) return profile.error();
  const ModelInfo& info = models.target->info();
  auto prices = ControllerInputsOf(*profile, info.slots, info.context_per_slot);
  if (!prices.ok()) return prices.error();
  auto controller = MakeController(info.can_truncate ? flags.speculation : "off", *prices);
  if (!controller.ok()) return controller.error();
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
  parts.tokenizer = (*loaded)->tokenizer;
  parts.clock = assembly.clock.get();
  auto engine = Engine::Create(std::move(parts), {.max_waiting = flags.max_waiting,
                                                  .prefill_rows_per_step = flags.prefill_rows,
                                                  .seed = RandomSeed()});
  if (!engine.ok()) return engine.error();
  assembly.models = *std::move(loaded);
  assembly.engine = *std::move(engine);
  return assembly;
}

}  // namespace turbospec::cli
