#include "sim/replica.h"

#include <algorithm>
#include <utility>

#include "core/random.h"
#include "proposers/draft_proposer.h"
#include "proposers/prompt_lookup.h"

namespace turbospec {
namespace {

std::vector<TrueAcceptance> AcceptanceOf(const Scenario& scenario) {
  std::vector<TrueAcceptance> options;
  for (const RequestClass& each : scenario.classes) options.push_back(each.acceptance);
  return options;
}

}  // namespace

class Replica::Sink final : public GenerationSink {
 public:
  Sink(Replica& replica, std::size_t request, Seconds arrived)
      : replica_(replica), request_(request), arrived_(arrived) {}

  void Deliver(OutputDelta delta) override {
    const auto count = static_cast<int>(delta.tokens.size());
    replica_.tokens_ += count;
    if (tokens_ == 0 && count > 0) first_ = replica_.now();
    tokens_ += count;
    if (!delta.finish) return;
    --replica_.in_flight_;
    replica_.finished_.push_back(
        {.request = request_,
         .first_token = first_ - arrived_,
         .per_token = (replica_.now() - first_) / std::max(1, tokens_ - 1)});
  }

 private:
  Replica& replica_;
  std::size_t request_;
  Seconds arrived_;
  Seconds first_{0};
  int tokens_ = 0;
};

Replica::Replica(const Scenario& scenario, int number, const RequestBook& book)
    : acceptance_(AcceptanceOf(scenario)),
      noise_(scenario.noise, MixBits(scenario.seed ^ MixBits(static_cast<std::uint64_t>(number)))),
      tokenizer_(std::vector<std::string>(RequestBook::kVocabulary, "x")),
      book_(book) {}

Result<std::unique_ptr<Replica>> Replica::Create(const Scenario& scenario, int number,
                                                 const RequestBook& book,
                                                 const MakeControllerFn& make_controller) {
  auto replica = std::unique_ptr<Replica>(new Replica(scenario, number, book));
  const SimulatedModelOptions options{.slots = scenario.slots,
                                      .context_per_slot = scenario.context_per_slot,
                                      .max_rows_per_forward = std::max(2048, 32 * scenario.slots),
                                      .batch_rule = scenario.rule};
  const SimulatedWorld world{&book, &replica->acceptance_, &replica->clock_, &replica->noise_};
  auto target = std::make_unique<SimulatedModel>(options, world, TargetCost(scenario));
  EngineParts parts;
  Oracle oracle{target.get(), &replica->acceptance_, &book};
  if (scenario.lookup) {
    parts.proposers.push_back(
        std::make_unique<PromptLookup>(PromptLookupOptions{}, scenario.slots));
    oracle.lookup = parts.proposers.back().get();
  }
  if (scenario.draft_model) {
    auto draft = std::make_unique<SimulatedDraft>(options, world, DraftCost(scenario), *target);
    parts.proposers.push_back(
        std::make_unique<DraftProposer>(std::move(draft), DraftProposerOptions{}, replica->clock_));
  }
  auto controller = make_controller(oracle);
  if (!controller.ok()) return controller.error();
  parts.controller = std::make_unique<MeteredController>(
      *std::move(controller),
      MeteredController::HostCost{scenario.host_per_step, scenario.host_per_row}, replica->clock_,
      replica->meter_);
  parts.target = std::move(target);
  parts.tokenizer = &replica->tokenizer_;
  parts.clock = &replica->clock_;
  auto engine =
      Engine::Create(std::move(parts), {.max_waiting = scenario.max_waiting,
                                        .prefill_rows_per_step = scenario.prefill_rows_per_step,
                                        .seed = scenario.seed});
  if (!engine.ok()) return engine.error();
  replica->engine_ = *std::move(engine);
  return replica;
}

bool Replica::Submit(std::size_t request, Seconds at) {
  GenerationRequest asked;
  asked.prompt = book_.Prompt(request);
  asked.max_tokens = book_.At(request).output_tokens;
  asked.ignore_end = true;
  asked.rule = AcceptanceRule::kMatch;
  if (!engine_->Submit(std::move(asked), std::make_shared<Sink>(*this, request, at)).ok())
    return false;
  ++in_flight_;
  return true;
}

}  // namespace turbospec
