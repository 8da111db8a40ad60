// The engine's contract with its callers, one situation a test.
#include "engine/engine.h"

#include <gtest/gtest.h>

#include <thread>

#include "control/controller_factory.h"
#include "control/recording_controller.h"
#include "engine/scripted_run.h"

namespace turbospec {
namespace {

struct LastRecord final : StepRecordSink {
  void Take(const StepRecord& record) override { last = record; }
  StepRecord last;
};

class EngineContract : public ::testing::Test {
 protected:
  void Build(EngineOptions options = {},
             FakeModelOptions model = {.vocabulary_size = 26, .slots = 2, .context_per_slot = 32}) {
    EngineParts parts;
    parts.target = std::make_unique<FakeModel>(model, HashedLanguage(3, 2));
    parts.controller = std::make_unique<RecordingController>(
        *MakeController("off"), std::vector<StepRecordSink*>{&recorded_});
    parts.tokenizer = &tokenizer_;
    parts.clock = &clock_;
    auto made = Engine::Create(std::move(parts), options);
    ASSERT_TRUE(made.ok()) << made.error().message;
    engine_ = *std::move(made);
  }

  static GenerationRequest Asks(std::vector<TokenId> prompt, int max_tokens) {
    GenerationRequest request;
    request.prompt = std::move(prompt);
    request.max_tokens = max_tokens;
    return request;
  }

  struct Submitted {
    std::shared_ptr<Received> received = std::make_shared<Received>();
    Result<RequestId> id = Unavailable("not submitted");
  };
  Submitted Submit(GenerationRequest request) {
    Submitted submitted;
    submitted.id =
        engine_->Submit(std::move(request), std::make_shared<CollectingSink>(submitted.received));
    return submitted;
  }
  std::string Refusal(GenerationRequest request) {
    const Submitted submitted = Submit(std::move(request));
    return submitted.id.ok() ? "" : submitted.id.error().message;
  }
  void RunToEnd() {
    while (engine_->RunOnce()) {
    }
  }

  FakeTokenizer tokenizer_ = FakeTokenizer::Letters(26);
  ManualClock clock_;
  LastRecord recorded_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(EngineContract, RefusesWhatCanNeverRun) {
  Build();
  EXPECT_NE(Refusal(Asks({}, 4)).find("empty"), std::string::npos);
  EXPECT_NE(Refusal(Asks(std::vector<TokenId>(33, 1), 4)).find("33 tokens"), std::string::npos);
  EXPECT_NE(Refusal(Asks({26}, 4)).find("vocabulary"), std::string::npos);
  EXPECT_NE(Refusal(Asks({1}, -1)).find("max_tokens"), std::string::npos);
  GenerationRequest hot = Asks({1}, 4);
  hot.sampling.temperature = -1;
  EXPECT_NE(Refusal(std::move(hot)).find("temperature"), std::string::npos);
  GenerationRequest mute = Asks({1}, 4);
  mute.stop = {""};
  EXPECT_NE(Refusal(std::move(mute)).find("stop"), std::string::npos);
  GenerationRequest biased = Asks({1}, 4);
  biased.rule = AcceptanceRule::kRejection;
  biased.sampling.repetition_penalty = 1.5;
  EXPECT_NE(Refusal(std::move(biased)).find("match rule"), std::string::npos);
}

TEST_F(EngineContract, RefusesWhatDoesNotFitTheQueue) {
  Build({.max_waiting = 2});
  EXPECT_EQ(Refusal(Asks({1}, 4)), "");
  EXPECT_EQ(Refusal(Asks({1}, 4)), "");
  EXPECT_NE(Refusal(Asks({1}, 4)).find("queue is full"), std::string::npos);
  engine_->RunOnce();
  EXPECT_EQ(Refusal(Asks({1}, 4)), "");
}

TEST_F(EngineContract, FillsTheContextToItsEndAndNotFurther) {
  Build();
  const Submitted submitted = Submit(Asks(std::vector<TokenId>(30, 1), 0));
  RunToEnd();
  EXPECT_EQ(submitted.received->finish->reason, FinishReason::kLength);
  EXPECT_EQ(submitted.received->tokens, 3);
}

TEST_F(EngineContract, APromptOfExactlyTheContextYieldsOneToken) {
  Build();
  const Submitted submitted = Submit(Asks(std::vector<TokenId>(32, 1), 0));
  RunToEnd();
  EXPECT_EQ(submitted.received->tokens, 1);
}

TEST_F(EngineContract, ACancelledRequestFreesItsSlotAndTheQueueMovesUp) {
  Build({}, {.vocabulary_size = 26, .slots = 1, .context_per_slot = 32});
  const Submitted first = Submit(Asks({1}, 20));
  const Submitted second = Submit(Asks({2}, 2));
  engine_->RunOnce();
  engine_->Cancel(*first.id);
  RunToEnd();
  EXPECT_EQ(first.received->finish->reason, FinishReason::kCancelled);
  EXPECT_EQ(second.received->finish->reason, FinishReason::kLength);
  EXPECT_EQ(engine_->Snapshot().cancelled, 1);
}

TEST_F(EngineContract, AWaitingRequestCanBeCancelled) {
  Build({}, {.vocabulary_size = 26, .slots = 1, .context_per_slot = 32});
  Submit(Asks({1}, 20));
  const Submitted waiting = Submit(Asks({2}, 2));
  engine_->RunOnce();
  EXPECT_EQ(engine_->Snapshot().waiting, 1);
  engine_->Cancel(*waiting.id);
  engine_->RunOnce();
  EXPECT_EQ(waiting.received->finish->reason, FinishReason::kCancelled);
  EXPECT_EQ(engine_->Snapshot().waiting, 0);
}

TEST_F(EngineContract, ALongPromptDoesNotStarveARequestThatDecodes) {
  Build({.prefill_rows_per_step = 4}, {.vocabulary_size = 26, .slots = 2, .context_per_slot = 256});
  const Submitted decoding = Submit(Asks({1}, 20));
  engine_->RunOnce();
  Submit(Asks(std::vector<TokenId>(200, 2), 2));
  for (int turn = 0; turn < 19; ++turn) engine_->RunOnce();
  EXPECT_TRUE(decoding.received->finish.has_value());
  EXPECT_EQ(engine_->Snapshot().prompt_tokens, 1 + 19 * 4);
}

TEST_F(EngineContract, PromptsBetweenDecodingRequestsRideInTheirPass) {
  for (const BatchRule rule : {BatchRule::kOnePass, BatchRule::kEqualLength}) {
    Build({.prefill_rows_per_step = 4},
          {.vocabulary_size = 26, .slots = 5, .context_per_slot = 256, .batch_rule = rule});
    Submit(Asks({1}, 50));
    Submit(Asks({2}, 1));
    Submit(Asks({3}, 1));
    Submit(Asks({4}, 50));
    engine_->RunOnce();
    // In the two slots between, and in one that parts nobody.
    Submit(Asks(std::vector<TokenId>(40, 5), 1));
    Submit(Asks(std::vector<TokenId>(40, 6), 1));
    Submit(Asks(std::vector<TokenId>(40, 7), 1));
    const auto before = engine_->Snapshot().prompt_tokens;
    engine_->RunOnce();
    EXPECT_EQ(engine_->Snapshot().prompt_tokens - before,
              rule == BatchRule::kEqualLength ? 4 + 1 : 4);
    // And the controller is told what is where.
    EXPECT_EQ(recorded_.last.view.prefill_rows, 4);
    EXPECT_EQ(recorded_.last.prompts, std::vector({PromptView{.slot = 1, .rows = 4}}));
    const std::vector<Pass> bridged = {{0, 4, 1, 4}, {1, 1, 3, 3}};
    EXPECT_EQ(recorded_.last.target_passes,
              rule == BatchRule::kEqualLength ? bridged : std::vector<Pass>{});
    RunToEnd();
    EXPECT_EQ(engine_->Snapshot().finished, 7U);
  }
}

TEST_F(EngineContract, ASecondPromptContinuesFromTheCachedPrefix) {
  Build();
  const std::vector<TokenId> prompt = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  Submit(Asks(prompt, 2));
  RunToEnd();
  const Submitted again = Submit(Asks(prompt, 2));
  RunToEnd();
  EXPECT_EQ(again.received->finish->usage.reused_prompt_tokens, 9);
}

TEST_F(EngineContract, TheSameSeedGivesTheSameTextInAnyCompany) {
  Build();
  GenerationRequest request = Asks({1, 2}, 12);
  request.sampling.temperature = 1.0;
  request.sampling.seed = 11;
  request.seed_given = true;
  auto alone = request.prompt;
  GenerationRequest twin = Asks(alone, 12);
  twin.sampling = request.sampling;
  twin.seed_given = true;
  const Submitted first = Submit(std::move(request));
  RunToEnd();
  Submit(Asks({5}, 9));
  const Submitted second = Submit(std::move(twin));
  RunToEnd();
  EXPECT_EQ(first.received->text, second.received->text);
}

TEST_F(EngineContract, StopDrainsWhatWasAcceptedAndRefusesTheRest) {
  Build();
  std::thread loop([&] { engine_->Run(); });
  std::vector<Submitted> accepted;
  for (int i = 0; i < 6; ++i) accepted.push_back(Submit(Asks({i}, 10)));
  engine_->Stop(Engine::StopMode::kDrain);
  const std::string refusal = Refusal(Asks({1}, 1));
  loop.join();
  EXPECT_NE(refusal.find("shutting down"), std::string::npos);
  for (const Submitted& s : accepted) {
    ASSERT_TRUE(s.received->finish.has_value());
    EXPECT_EQ(s.received->finish->reason, FinishReason::kLength);
  }
}

TEST_F(EngineContract, StopNowCancelsEverything) {
  Build();
  std::vector<Submitted> accepted;
  for (int i = 0; i < 6; ++i) accepted.push_back(Submit(Asks({i}, 10)));
  engine_->RunOnce();
  engine_->Stop(Engine::StopMode::kNow);
  engine_->Run();
  for (const Submitted& s : accepted) {
    EXPECT_EQ(s.received->finish->reason, FinishReason::kCancelled);
  }
}

TEST_F(EngineContract, ADestroyedEngineStillEndsEveryRequest) {
  Build();
  const Submitted running = Submit(Asks({1}, 10));
  engine_->RunOnce();
  const Submitted waiting = Submit(Asks({2}, 10));
  engine_.reset();
  EXPECT_EQ(running.received->finish->reason, FinishReason::kCancelled);
  EXPECT_EQ(waiting.received->finish->reason, FinishReason::kCancelled);
}

TEST_F(EngineContract, ManyThreadsMaySubmitAndCancelWhileItRuns) {
  Build({.max_waiting = 1000});
  std::thread loop([&] { engine_->Run(); });
  std::vector<std::thread> clients;
  std::vector<std::vector<Submitted>> all(4);
  for (std::size_t c = 0; c < all.size(); ++c) {
    clients.emplace_back([&, c] {
      for (int i = 0; i < 50; ++i) {
        all[c].push_back(Submit(Asks({i % 26, 3}, 1 + i % 9)));
        if (i % 3 == 0) engine_->Cancel(*all[c].back().id);
        engine_->Snapshot();
      }
    });
  }
  for (std::thread& client : clients) client.join();
  engine_->Stop(Engine::StopMode::kDrain);
  loop.join();
  for (const auto& submitted : all) {
    for (const Submitted& s : submitted) EXPECT_TRUE(s.received->finish.has_value());
  }
  const EngineStatistics statistics = engine_->Snapshot();
  EXPECT_EQ(statistics.finished + statistics.cancelled, 200);
  EXPECT_EQ(statistics.running, 0);
}

TEST(EngineCreate, RefusesPartsThatDoNotFit) {
  const FakeTokenizer tokenizer = FakeTokenizer::Letters(7);
  const ManualClock clock;
  EngineParts parts;
  parts.target =
      std::make_unique<FakeModel>(FakeModelOptions{.vocabulary_size = 8}, HashedLanguage(1, 1));
  parts.controller = *MakeController("off");
  parts.tokenizer = &tokenizer;
  parts.clock = &clock;
  const auto made = Engine::Create(std::move(parts), {});
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().message.find("vocabulary"), std::string::npos);
}

}  // namespace
}  // namespace turbospec
