#include "engine/scripted_run.h"

#include <algorithm>
#include <utility>

#include "core/random.h"
#include "proposers/draft_proposer.h"
#include "proposers/prompt_lookup.h"

namespace turbospec {
namespace {

constexpr int kMaxTurns = 20000;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : stream_(seed) {}
  // Uniform in [low, high].
  int Between(int low, int high) {
    return low + static_cast<int>(stream_.Uniform() * (high - low + 1));
  }
  bool Chance(double p) { return stream_.Uniform() < p; }
  std::uint64_t Bits() { return stream_.Bits(); }

 private:
  RandomStream stream_;
};

class ErraticController final : public Controller {
 public:
  ErraticController(std::uint64_t seed, int max_depth) : dice_(seed), max_depth_(max_depth) {}

  std::string_view name() const override { return "erratic"; }

  DraftPlan PlanDraft(const StepView& step) override {
    DraftPlan plan;
    for (std::size_t i = 0; i < step.requests.size(); ++i) {
      DraftChoice choice;
      if (dice_.Chance(0.5)) choice[ProposerKind::kPromptLookup] = dice_.Between(0, max_depth_);
      if (dice_.Chance(0.8)) choice[ProposerKind::kDraftModel] = dice_.Between(0, max_depth_);
      plan.choices.push_back(choice);
    }
    return plan;
  }

  void KeepDrafting(const StepView&, std::span<const ProposalView>, int,
                    std::span<char> keep) override {
    for (char& k : keep) k = static_cast<char>(k && dice_.Chance(0.8));
  }

  // Stops at the first token whose own evidence is poor: a decision on depth j by depth j alone.
  VerifyPlan PlanVerify(const StepView&, std::span<const ProposalView> proposals) override {
    VerifyPlan plan;
    for (const ProposalView& proposal : proposals) {
      int verified = 0;
      while (verified < proposal.length()) {
        const DraftEvidence& evidence = proposal.evidence[static_cast<std::size_t>(verified)];
        if (evidence.confidence < -1.2F || dice_.Chance(0.1)) break;
        ++verified;
      }
      plan.choices.push_back({verified, dice_.Chance(0.3) ? dice_.Between(0, 3) : 0});
    }
    return plan;
  }

  void Learn(const StepOutcome&) override {}
  void Forget(RequestId) override {}

 private:
  Dice dice_;
  int max_depth_;
};

ScriptedRequest RandomRequest(Dice& dice, const FakeModelOptions& model) {
  ScriptedRequest request;
  const int prompt = dice.Between(1, dice.Chance(0.2) ? 40 : 10);
  for (int i = 0; i < prompt; ++i) {
    request.prompt.push_back(dice.Between(0, model.vocabulary_size - 1));
  }
  request.max_tokens = dice.Between(1, 32);
  request.arrives_at = dice.Between(0, 20);
  if (dice.Chance(0.2)) request.cancelled_at = request.arrives_at + dice.Between(0, 15);
  const int stops = dice.Chance(0.4) ? dice.Between(1, 3) : 0;
  for (int i = 0; i < stops; ++i) {
    std::string stop;
    for (int n = dice.Between(1, 3); n > 0; --n) {
      stop.push_back(
          static_cast<char>('a' + dice.Between(0, std::min(25, model.vocabulary_size) - 1)));
    }
    request.stop.push_back(stop);
  }
  if (dice.Chance(0.3)) {
    request.sampling.temperature = 0.3 + 0.1 * dice.Between(0, 12);
    if (dice.Chance(0.5)) request.sampling.top_p = 0.8;
    if (dice.Chance(0.3)) request.sampling.top_k = dice.Between(1, 8);
  }
  if (dice.Chance(0.1)) request.sampling.repetition_penalty = 1.2;
  request.sampling.seed = dice.Bits();
  return request;
}

std::vector<std::unique_ptr<Proposer>> MakeProposers(const Script& script,
                                                     const RunOptions& options,
                                                     const Clock& clock) {
  std::vector<std::unique_ptr<Proposer>> proposers;
  if (options.lookup) {
    proposers.push_back(std::make_unique<PromptLookup>(PromptLookupOptions{}, script.model.slots));
  }
  if (options.draft_model) {
    std::unique_ptr<Model> draft = std::make_unique<FakeModel>(
        script.model,
        Imitation(TargetLanguage(script), script.agreement, MixBits(script.seed + 1)));
    if (options.draft_fails) {
      draft = std::make_unique<FaultyModel>(std::move(draft), options.draft_fails);
    }
    proposers.push_back(
        std::make_unique<DraftProposer>(std::move(draft), DraftProposerOptions{}, clock));
  }
  return proposers;
}

GenerationRequest Asked(const ScriptedRequest& scripted) {
  GenerationRequest request;
  request.prompt = scripted.prompt;
  request.sampling = scripted.sampling;
  request.seed_given = scripted.rule == AcceptanceRule::kMatch;
  request.rule = scripted.rule;
  request.stop = scripted.stop;
  request.max_tokens = scripted.max_tokens;
  return request;
}

}  // namespace

void CollectingSink::Deliver(OutputDelta delta) {
  if (received_->finish) {
    ++received_->deliveries_after_finish;
    return;
  }
  received_->text += delta.text;
  received_->tokens += static_cast<int>(delta.tokens.size());
  received_->finish = std::move(delta.finish);
}

std::unique_ptr<Controller> MakeErraticController(std::uint64_t seed, int max_depth) {
  return std::make_unique<ErraticController>(seed, max_depth);
}

Script RandomScript(std::uint64_t seed) {
  Dice dice(MixBits(seed));
  Script script;
  script.seed = seed;
  script.model.vocabulary_size = dice.Between(3, 40);
  script.model.slots = dice.Between(1, 6);
  script.model.context_per_slot = dice.Between(48, 96);
  script.model.max_rows_per_forward = dice.Between(12, 64);
  script.model.batch_rule = dice.Chance(0.5) ? BatchRule::kEqualLength : BatchRule::kOnePass;
  script.language_order = dice.Between(1, 3);
  script.agreement = 0.25 * dice.Between(0, 4);
  if (dice.Chance(0.5)) script.end_token = dice.Between(0, script.model.vocabulary_size - 1);
  for (int n = dice.Between(1, 12); n > 0; --n) {
    script.requests.push_back(RandomRequest(dice, script.model));
  }
  return script;
}

LogitsFn TargetLanguage(const Script& script) {
  return HashedLanguage(script.seed, script.language_order);
}

std::string OracleText(const Script& script, const ScriptedRequest& request) {
  const FakeTokenizer tokenizer =
      FakeTokenizer::Letters(script.model.vocabulary_size, script.end_token);
  const LogitsFn language = TargetLanguage(script);
  Sampler sampler(request.sampling, nullptr, request.prompt);
  std::vector<TokenId> tokens = request.prompt;
  std::vector<float> logits(static_cast<std::size_t>(script.model.vocabulary_size));
  const std::size_t room = static_cast<std::size_t>(script.model.context_per_slot) + 1;
  std::string text;
  for (int i = 0; i < request.max_tokens && tokens.size() < room; ++i) {
    language(tokens, logits);
    const TokenId token =
        sampler.Sample(logits, UniformAt(request.sampling.seed, static_cast<std::uint64_t>(i)));
    sampler.Accept(token);
    tokens.push_back(token);
    if (tokenizer.EndsGeneration(token)) return text;
    text += tokenizer.Piece(token);
    std::size_t cut = std::string::npos;
    for (const std::string& stop : request.stop) cut = std::min(cut, text.find(stop));
    if (cut != std::string::npos) return text.substr(0, cut);
  }
  return text;
}

RunResult RunScript(const Script& script, const RunOptions& options) {
  const FakeTokenizer tokenizer =
      FakeTokenizer::Letters(script.model.vocabulary_size, script.end_token);
  const ManualClock clock;
  RunResult result;
  auto fails = [&](int call, std::span<const Row> rows) {
    result.target_calls = call + 1;
    return options.target_fails && options.target_fails(call, rows);
  };
  EngineParts parts;
  parts.target = std::make_unique<FaultyModel>(
      std::make_unique<FakeModel>(script.model, TargetLanguage(script)), fails);
  parts.proposers = MakeProposers(script, options, clock);
  parts.controller = options.controller();
  parts.tokenizer = &tokenizer;
  parts.clock = &clock;
  auto made =
      Engine::Create(std::move(parts), {.max_waiting = static_cast<int>(script.requests.size()),
                                        .prefill_rows_per_step = 7,
                                        .reuse_at_least = 2,
                                        .seed = options.engine_seed});
  if (!made.ok()) {
    result.refused = made.error().message;
    return result;
  }
  Engine& engine = **made;
  std::vector<std::shared_ptr<Received>> received;
  std::vector<RequestId> ids(script.requests.size());
  for (std::size_t i = 0; i < ids.size(); ++i) received.push_back(std::make_shared<Received>());
  const auto done = [](const auto& r) { return r->finish.has_value(); };
  for (int turn = 0; !std::ranges::all_of(received, done); ++turn) {
    if (turn == kMaxTurns) result.refused = "the run did not end";
    if (!result.refused.empty()) break;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const ScriptedRequest& request = script.requests[i];
      if (request.arrives_at == turn) {
        auto id = engine.Submit(Asked(request), std::make_shared<CollectingSink>(received[i]));
        if (!id.ok()) result.refused = id.error().message;
        if (id.ok()) ids[i] = *id;
      }
      if (request.cancelled_at == turn) engine.Cancel(ids[i]);
    }
    engine.RunOnce();
  }
  for (const auto& r : received) result.received.push_back(*r);
  result.statistics = engine.Snapshot();
  return result;
}

}  // namespace turbospec
