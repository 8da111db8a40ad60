// The simulated pair keeps the port's contract, and its drafts are as good and as sure as asked.
#include "sim/simulated_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sampling/distribution.h"
#include "sampling/softmax.h"

namespace turbospec {
namespace {

class SimulatedPair : public ::testing::Test {
 protected:
  void Build(const TrueAcceptance& options, BatchRule rule = BatchRule::kOnePass) {
    acceptance_ = std::make_unique<AcceptanceProcess>(std::vector{options});
    const SimulatedWorld world{&book_, acceptance_.get(), &clock_, &noise_};
    const SimulatedModelOptions model{.slots = 2, .context_per_slot = 8192, .batch_rule = rule};
    const PassCost cost = [](int, int rows, double) { return Seconds(1 + 0.01 * rows); };
    target_ = std::make_unique<SimulatedModel>(model, world, cost);
    draft_ = std::make_unique<SimulatedDraft>(model, world, cost, *target_);
  }

  std::size_t Ask(int prompt, int output, std::uint64_t seed = 7) {
    return book_.Add(
        {.class_index = 0, .seed = seed, .prompt_tokens = prompt, .output_tokens = output});
  }

  // Feeds the request's own text up to `length` and returns the rows' index of the last.
  static void Feed(SimulatedModel& model, SlotId slot, const RequestBook& book, std::size_t request,
                   int length) {
    while (model.Length(slot) < length) {
      const int position = model.Length(slot);
      const Row row{slot, position, book.TokenAt(request, position), true};
      ASSERT_TRUE(model.Forward({&row, 1}).ok());
    }
  }

  RequestBook book_;
  ManualClock clock_;
  MachineNoise noise_{{.scatter = 0}, 1};
  std::unique_ptr<AcceptanceProcess> acceptance_;
  std::unique_ptr<SimulatedModel> target_;
  std::unique_ptr<SimulatedDraft> draft_;
};

TEST_F(SimulatedPair, TheTargetSaysTheTextOfTheRequestInTheSlot) {
  Build({});
  const std::size_t first = Ask(10, 20, 1), second = Ask(12, 20, 2);
  for (const auto& [slot, request] : {std::pair{0, second}, std::pair{1, first}}) {
    for (int length = 10; length < 25; ++length) {
      Feed(*target_, slot, book_, request, length);
      EXPECT_EQ(ArgMax(target_->Logits(0)), book_.TokenAt(request, length));
    }
    EXPECT_EQ(target_->RequestOf(slot), request);
  }
}

TEST_F(SimulatedPair, AForwardTakesWhatItsPassesCost) {
  Build({}, BatchRule::kEqualLength);
  const std::vector<Row> rows = {{0, 0, 1, false}, {0, 1, 1, false}, {1, 0, 1, true}};
  ASSERT_TRUE(target_->Forward(rows).ok());
  // Two passes: 2 sequences x 1 row, then 1 row.
  EXPECT_NEAR(clock_.Now().count(), 1.02 + 1.01, 1e-12);
}

TEST_F(SimulatedPair, TruncatedTokensAreForgotten) {
  Build({});
  const std::size_t first = Ask(10, 20, 1), second = Ask(10, 20, 2);
  Feed(*target_, 0, book_, first, 10);
  ASSERT_TRUE(target_->Truncate(0, 0).ok());
  EXPECT_EQ(target_->Length(0), 0);
  Feed(*target_, 0, book_, second, 10);
  EXPECT_EQ(target_->RequestOf(0), second);
}

TEST_F(SimulatedPair, ConfidenceIsCalibratedWhenThereIsNoNoiseInIt) {
  Build({.acceptance = 0.7, .request_spread = 0, .token_spread = 1.2, .confidence_noise = 0});
  const std::size_t request = Ask(8, 8000);
  struct Bin {
    double said = 0, hits = 0, count = 0;
  };
  std::array<Bin, 5> bins;
  for (int position = 8; position < 8000; ++position) {
    const auto guess = acceptance_->At(0, book_.At(request).seed, position, 1);
    const double said = AcceptanceProcess::ConfidenceAt(guess.confidence);
    Bin& bin = bins[std::min<std::size_t>(4, static_cast<std::size_t>(said * 5))];
    bin.said += said;
    bin.hits += guess.agrees ? 1 : 0;
    ++bin.count;
  }
  for (const Bin& bin : bins) {
    ASSERT_GT(bin.count, 300);
    EXPECT_NEAR(bin.hits / bin.count, bin.said / bin.count, 0.05);
  }
}

TEST_F(SimulatedPair, TheDraftsLogitsCarryItsConfidence) {
  Build({.acceptance = 0.6});
  const std::size_t request = Ask(8, 500);
  Feed(*target_, 0, book_, request, 8);
  int agreed = 0;
  for (int length = 9; length < 400; ++length) {
    Feed(*draft_, 0, book_, request, length);
    Feed(*target_, 0, book_, request, length - 1);
    const auto guess = acceptance_->At(0, book_.At(request).seed, length, 1);
    const double said = std::max(AcceptanceProcess::ConfidenceAt(guess.confidence), 1.5 / 256);
    EXPECT_NEAR(std::exp(LogOfLargestProbability(draft_->Logits(0))), said, 1e-3);
    const bool same = ArgMax(draft_->Logits(0)) == book_.TokenAt(request, length);
    EXPECT_EQ(same, guess.agrees);
    agreed += same ? 1 : 0;
  }
  EXPECT_GT(agreed, 150);
}

TEST_F(SimulatedPair, ADraftThatBeginsInTheMiddleGuessesTheSameTextButWorseAtFirst) {
  Build({.acceptance = 0.8});
  const auto agreed = [&](int read, std::uint64_t seed) {
    const std::size_t request = Ask(8, 400, seed);
    EXPECT_TRUE(target_->Truncate(0, 0).ok());
    EXPECT_TRUE(draft_->Truncate(0, 0).ok());
    Feed(*target_, 0, book_, request, 200);
    const int start = 201 - read;
    std::vector<Row> rows;
    for (int i = 0; i < read; ++i) {
      rows.push_back({0, i, book_.TokenAt(request, start + i), i == read - 1});
    }
    EXPECT_TRUE(draft_->Forward(rows).ok());
    return ArgMax(draft_->Logits(read - 1)) == book_.TokenAt(request, 201) ? 1 : 0;
  };
  int whole = 0, much = 0, little = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    whole += agreed(201, seed);
    much += agreed(100, seed);
    little += agreed(10, seed);
  }
  EXPECT_EQ(much, whole);
  EXPECT_GT(whole, 350);
  EXPECT_LT(little, 300);
}

TEST(AcceptancePhases, ChangeTheRateFromTheirMoment) {
  AcceptanceProcess process({{.acceptance = 1, .phases = {{Seconds(10), 0}, {Seconds(20), 1}}}});
  for (const auto& [second, agrees] : {std::pair{5, true}, std::pair{15, false}, {25, true}}) {
    process.SetTime(Seconds(second));
    EXPECT_EQ(process.At(0, 1, 100, 1).agrees, agrees) << second;
  }
}

TEST(AcceptanceByDepth, FallsAsAsked) {
  const AcceptanceProcess process({{.acceptance = 0.8, .depth_decay = 0.5}});
  int hits = 0;
  for (int i = 0; i < 20'000; ++i) {
    hits += process.At(0, static_cast<std::uint64_t>(i), i, 3).agrees ? 1 : 0;
  }
  EXPECT_NEAR(hits / 20'000.0, 0.2, 0.01);
}

TEST(CopiedText, RepeatsThePrompt) {
  RequestBook book;
  const std::size_t request = book.Add({.class_index = 0,
                                        .seed = 3,
                                        .prompt_tokens = 200,
                                        .output_tokens = 1000,
                                        .copy = {.share = 0.5, .run = 40, .fidelity = 1}});
  const std::vector<TokenId> prompt = book.Prompt(request);
  int copied = 0;
  for (int position = 200; position < 1192; ++position) {
    std::vector<TokenId> four;
    for (int i = 0; i < 4; ++i) four.push_back(book.TokenAt(request, position + i));
    copied += std::ranges::search(prompt, four).empty() ? 0 : 1;
  }
  EXPECT_NEAR(copied / 992.0, 0.5 * 37 / 40, 0.05);
}

TEST(Noise, ComesByTimeAndKeepsTheMean) {
  MachineNoise scatter({.scatter = 0.3}, 5);
  double sum = 0;
  for (int i = 0; i < 50'000; ++i) sum += scatter.Disturb(Seconds(1), Seconds(0)).count();
  EXPECT_NEAR(sum / 50'000, 1, 0.01);

  MachineNoise neighbour({.scatter = 0, .neighbour_period = Seconds(10)}, 5);
  EXPECT_EQ(neighbour.Disturb(Seconds(1), Seconds(4)), Seconds(1));
  EXPECT_EQ(neighbour.Disturb(Seconds(1), Seconds(6)), Seconds(2));

  MachineNoise stalls({.scatter = 0, .stall_period = Seconds(10), .stall = Seconds(3)}, 5);
  double stalled = 0;
  for (double now = 0; now < 1000; now += 0.5) {
    stalled += stalls.Disturb(Seconds(0.5), Seconds(now)).count() - 0.5;
  }
  EXPECT_NEAR(stalled, 300, 6);
}

}  // namespace
}  // namespace turbospec
