#include "control/goodput_controller.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>

#include "control/told_inputs_fixture.h"
#include "core/random.h"

namespace turbospec {
namespace {

using TimeFn = SecondsByRows;

// A machine, a draft and some requests: plays steps against a controller and adds up.
class World {
 public:
  World& Running(int requests) { return requests_ = requests, *this; }
  World& Accepts(double rate) { return accepts_ = rate, *this; }
  World& Copies(double rate) { return copies_ = rate, *this; }
  World& Takes(TimeFn target, TimeFn draft) {
    target_ = std::move(target), draft_ = std::move(draft);
    return *this;
  }
  World& Told(TimeFn target) { return told_ = std::move(target), *this; }
  World& Rule(BatchRule rule) { return rule_ = rule, *this; }
  World& Lags(int tokens) { return lag_ = tokens, *this; }
  // What a request has caught up with is lost with every step.
  World& LagsAnew() { return lags_anew_ = true, *this; }
  World& ReadsPrompts(int rows) { return prompt_rows_ = rows, *this; }
  World& MaxUseful(int tokens) { return max_useful_ = tokens, *this; }
  World& PromptsWait(int requests) { return prefilling_ = requests, *this; }
  World& Samples() { return causal_ = true, *this; }
  // Evidence: every draft token's ln max q.
  World& Confidence(float value) { return confidence_ = value, *this; }
  // Half of the draft tokens look sure and are, 0.9 of them; of the others 0.1 survive.
  World& ConfidenceTells() { return tells_ = true, *this; }

  GoodputController& controller() {
    if (!controller_) {
      controller_ = std::make_unique<GoodputController>(
          GoodputOptions{}, ToldStepCost(told_ ? told_ : target_, draft_, 64));
    }
    return *controller_;
  }

  // One step; what was proposed and verified of each request is left in `proposed`, `verified`.
  void Step() {
    std::vector<RequestView> views;
    for (int i = 0; i < requests_; ++i) {
      views.push_back({.id = static_cast<RequestId>(i + 1),
                       .slot = i,
                       .context_length = 100,
                       .draft_lag = Lag(),
                       .max_useful = max_useful_,
                       .lookup = copies_ >= 0 ? LookupMatch{5, 2, 2, 10} : LookupMatch{},
                       .causal_only = causal_});
    }
    StepView view{.requests = views,
                  .prefill_rows = prompt_rows_,
                  .prefilling = prefilling_,
                  .target_rule = rule_,
                  .draft_rule = rule_,
                  .has_lookup = copies_ >= 0,
                  .has_draft_model = true};
    const DraftPlan plan = controller().PlanDraft(view);
    recent = plan.choices.front().recent;
    catch_up_rows = plan.catch_up_rows;
    std::vector<PassTiming> passes;
    Draft(view, plan, passes);
    VerifyAndLearn(view, passes);
  }

  World& Steps(int count) {
    tokens = seconds = 0;
    for (int i = 0; i < count; ++i) Step();
    return *this;
  }

  double MeanVerified() const {
    double sum = 0;
    for (const int v : verified) sum += v;
    return sum / static_cast<double>(verified.size());
  }
  double Goodput() const { return tokens / seconds; }
  double Off() const { return requests_ / target_(requests_ + prompt_rows_); }

  std::vector<int> proposed;
  std::vector<int> verified;
  int recent = 0;  // as the first request's choice
  int catch_up_rows = 0;
  double tokens = 0;
  double seconds = 0;
  std::string log;  // every decision, for comparison

 private:
  int Lag() const { return drafted_before_ && !lags_anew_ ? 1 : lag_; }

  void Draft(const StepView& view, const DraftPlan& plan, std::vector<PassTiming>& passes) {
    const auto n = static_cast<std::size_t>(requests_);
    evidence_.assign(n, {});
    std::vector<char> alive(n, 0);
    for (std::size_t i = 0; i < n; ++i) {
      const DraftChoice& choice = plan.choices[i];
      for (int j = 0; j < choice[ProposerKind::kPromptLookup]; ++j) {
        evidence_[i].push_back({.proposer = ProposerKind::kPromptLookup,
                                .match_length = 5 + j,
                                .occurrences = 2,
                                .agreeing = 2});
      }
      alive[i] = choice[ProposerKind::kDraftModel] > static_cast<int>(evidence_[i].size());
    }
    for (int depth = 1;; ++depth) {
      const int drafting = static_cast<int>(std::ranges::count(alive, 1));
      if (drafting == 0) return;
      const int rows = depth == 1 ? drafting * Lag() : drafting;
      drafted_before_ = true;
      passes.push_back({drafting, rows, 1, 100, Seconds(draft_(rows))});
      for (std::size_t i = 0; i < n; ++i) {
        if (!alive[i]) continue;
        if (tells_) confidence_ = random_.Uniform() < 0.5 ? kSure : kDoubtful;
        evidence_[i].push_back({.confidence = confidence_});
        alive[i] =
            plan.choices[i][ProposerKind::kDraftModel] > static_cast<int>(evidence_[i].size());
      }
      std::vector<ProposalView> views(evidence_.begin(), evidence_.end());
      controller().KeepDrafting(view, views, depth, alive);
    }
  }

  void VerifyAndLearn(const StepView& view, const std::vector<PassTiming>& passes) {
    std::vector<ProposalView> views(evidence_.begin(), evidence_.end());
    const VerifyPlan plan = controller().PlanVerify(view, views);
    std::vector<RequestOutcome> outcomes;
    int rows = prompt_rows_;
    proposed.clear();
    verified.clear();
    for (std::size_t i = 0; i < views.size(); ++i) {
      const VerifyChoice& choice = plan.choices[i];
      proposed.push_back(views[i].length());
      verified.push_back(choice.verified);
      rows += 1 + choice.verified + choice.padding;
      int accepted = 0;
      while (accepted < choice.verified) {
        if (!Survives(evidence_[i][static_cast<std::size_t>(accepted)])) break;
        ++accepted;
      }
      tokens += accepted + 1;
      outcomes.push_back({.evidence = evidence_[i],
                          .verified = choice.verified,
                          .accepted = accepted,
                          .committed = accepted + 1,
                          .next_agreed = NextAgrees(evidence_[i], choice.verified, accepted)});
      log += std::to_string(choice.verified) + "+" + std::to_string(choice.padding) + " ";
    }
    StepOutcome outcome{.view = view, .requests = outcomes, .draft_passes = passes};
    outcome.target = {requests_, rows, 1, 100, Seconds(target_(rows))};
    outcome.total = outcome.target.seconds;
    for (const PassTiming& pass : passes) outcome.total += pass.seconds;
    seconds += outcome.total.count();
    controller().Learn(outcome);
  }

  std::optional<bool> NextAgrees(std::span<const DraftEvidence> evidence, int verified,
                                 int accepted) {
    const auto next = static_cast<std::size_t>(verified);
    if (causal_ || accepted < verified || next >= evidence.size()) return std::nullopt;
    return Survives(evidence[next]);
  }

  bool Survives(const DraftEvidence& evidence) {
    double rate = evidence.proposer == ProposerKind::kPromptLookup ? copies_ : accepts_;
    if (tells_) rate = evidence.confidence == kSure ? 0.9 : 0.1;
    return random_.Uniform() < rate;
  }

  static constexpr float kSure = -0.02F;
  static constexpr float kDoubtful = -3.0F;

  int requests_ = 1;
  double accepts_ = 0.8;
  double copies_ = -1;
  TimeFn target_ = [](int rows) { return 0.05 + 0.001 * rows; };
  TimeFn draft_ = [](int rows) { return 0.004 + 0.0001 * rows; };
  TimeFn told_;
  BatchRule rule_ = BatchRule::kOnePass;
  int lag_ = 1;
  bool lags_anew_ = false;
  int prompt_rows_ = 0;
  int max_useful_ = 64;
  int prefilling_ = 0;
  bool causal_ = false;
  float confidence_ = -0.3F;
  bool tells_ = false;
  bool drafted_before_ = false;
  RandomStream random_{11};
  std::unique_ptr<GoodputController> controller_;
  std::vector<std::vector<DraftEvidence>> evidence_;
};

const TimeFn kSaturated = [](int rows) { return 0.01 * rows; };

TEST(GoodputController, SpeculatesDeeperWhenMoreSurvives) {
  World little;
  little.Accepts(0.4).Steps(150);
  World much;
  much.Accepts(0.95).Steps(150);
  double shallow = 0;
  double deep = 0;
  for (int i = 0; i < 50; ++i) {
    little.Step(), much.Step();
    shallow += little.MeanVerified(), deep += much.MeanVerified();
  }
  EXPECT_GT(deep, 2 * shallow);
  EXPECT_GT(shallow, 0);
}

TEST(GoodputController, FallsBackToZeroWhenTheBatchSaturates) {
  World world;
  world.Running(16).Accepts(0.6).Takes(kSaturated, [](int) { return 0.01; }).Steps(200);
  world.Steps(200);
  EXPECT_GT(world.Goodput(), 0.98 * world.Off());
  EXPECT_EQ(world.MeanVerified(), 0);
}

TEST(GoodputController, KeepsStepsShortWhileManyPromptsWait) {
  World world;
  world.Running(4).Accepts(0.8).Steps(200);
  const double alone = world.MeanVerified();
  world.PromptsWait(1).Steps(1);
  EXPECT_GT(world.MeanVerified(), 0.6 * alone);
  world.PromptsWait(40).Steps(20);
  EXPECT_LT(world.MeanVerified(), 0.4 * alone);
}

TEST(GoodputController, StopsWhenNothingIsAcceptedAndLosesLittleToProbes) {
  for (const BatchRule rule : {BatchRule::kOnePass, BatchRule::kEqualLength}) {
    World world;
    world.Running(8).Accepts(0).Rule(rule).Steps(200);
    world.Steps(1000);
    EXPECT_GT(world.Goodput(), 0.985 * world.Off());
  }
}

TEST(GoodputController, ComesBackSoonAfterALongTimeOff) {
  World world;
  world.Running(4).Accepts(0.02).Steps(1500);
  world.Accepts(0.9).Steps(100);
  world.Steps(50);
  EXPECT_GT(world.Goodput(), 1.5 * world.Off());
}

TEST(GoodputController, StopsDraftingWhereTheEvidenceIsBad) {
  World sure;
  sure.Accepts(0.9).Confidence(-0.05F).Steps(300);
  // The same requests, but the next proposal looks hopeless.
  const auto deep = sure.proposed[0];
  sure.Confidence(-4.0F).Steps(1);
  EXPECT_GT(deep, 3);
  EXPECT_LT(sure.proposed[0], deep);
}

// A row costs half a token, and half of the draft tokens survive: drafting pays only because those
// that look bad are not verified.
TEST(GoodputController, DraftsWhereEvidenceWillTellWhatToVerify) {
  const TimeFn target = [](int rows) { return 0.16 + 0.01 * rows; };
  const TimeFn draft = [](int) { return 0.01; };
  World mute;
  mute.Running(16).Accepts(0.5).Takes(target, draft).Steps(300);
  mute.Steps(300);
  EXPECT_LT(mute.MeanVerified(), 0.2);
  World telling;
  telling.Running(16).ConfidenceTells().Takes(target, draft).Steps(300);
  telling.Steps(300);
  EXPECT_GT(telling.Goodput(), 1.08 * telling.Off());
}

TEST(GoodputController, VerifiesAllThatASampledRequestDrafted) {
  World world;
  world.Samples().Running(3).Confidence(-1.5F).Accepts(0.6);
  for (int i = 0; i < 200; ++i) {
    world.Step();
    EXPECT_EQ(world.proposed, world.verified);
  }
}

TEST(GoodputController, PrefersLookupWhereCopiesSurvive) {
  World world;
  world.Copies(0.97).Accepts(0.5).Steps(200);
  world.Steps(50);
  const Decision* decision = world.controller().LastDecision();
  ASSERT_NE(decision, nullptr);
  EXPECT_GT(world.MeanVerified(), 5);
  EXPECT_GT(decision->candidates[static_cast<std::size_t>(decision->chosen)].by_lookup, 0);
}

TEST(GoodputController, LeavesAloneWhoWillNotLiveToEarnTheCatchUp) {
  const TimeFn dear = [](int rows) { return 0.004 * rows; };
  World dying;
  dying.Takes([](int rows) { return 0.05 + 0.001 * rows; }, dear).Lags(400).MaxUseful(3).Steps(1);
  EXPECT_EQ(dying.proposed[0], 0);
  World living;
  living.Takes([](int rows) { return 0.05 + 0.001 * rows; }, dear).Lags(4).MaxUseful(64).Steps(1);
  EXPECT_GT(living.proposed[0], 0);
}

TEST(GoodputController, BeginsAnewWhereReadingAllCostsMoreThanItsContextIsWorth) {
  const auto lagging = [](double seconds_per_row) {
    World world;
    world.Takes([](int) { return 0.05; }, [=](int rows) { return 0.001 + seconds_per_row * rows; });
    world.Accepts(0.9).Lags(200).MaxUseful(400).Steps(1);
    EXPECT_GT(world.proposed[0], 0);
    return world.recent;
  };
  EXPECT_EQ(lagging(0.00001), 0);
  EXPECT_EQ(lagging(0.004), PlannerOptions{}.recent_tokens);
}

TEST(GoodputController, CatchesUpByAsManyRowsAsAStepTakesTheTimeOf) {
  const auto rows = [](double seconds_per_row, int lag) {
    World world;
    world.Takes([](int) { return 0.05; }, [=](int rows) { return 0.001 + seconds_per_row * rows; });
    world.Accepts(0.9).Lags(lag).MaxUseful(400).Steps(1);
    EXPECT_GT(world.proposed[0], 0);
    return world.catch_up_rows;
  };
  EXPECT_EQ(rows(0.00006, 200), 512);   // 1,024 would take 0.06 s
  EXPECT_EQ(rows(0.00001, 200), 4096);  // the most
  EXPECT_EQ(rows(0.00006, 1), 0);       // nobody has to
}

TEST(GoodputController, StopsCatchingUpThatNeverPaysWhilePromptsAreRead) {
  World world;
  world.Takes([](int rows) { return 0.05 + 0.0001 * rows; },
              [](int rows) { return 0.002 + 0.001 * std::max(0, rows - 8); });
  world.Running(8).Accepts(0.8).Lags(30).LagsAnew().MaxUseful(400).ReadsPrompts(64).Steps(1);
  EXPECT_GT(world.MeanVerified(), 0);
  EXPECT_LT(world.Goodput(), 0.8 * world.Off());
  EXPECT_GT(world.Steps(2000).Goodput(), 0.98 * world.Off());
}

TEST(GoodputController, DecidesTheSameForTheSameInputs) {
  World one;
  World two;
  one.Running(5).Accepts(0.7).Steps(300);
  two.Running(5).Accepts(0.7).Steps(300);
  EXPECT_EQ(one.log, two.log);
}

TEST(GoodputController, IsNotFooledByAProfileWithHalfTheSlope) {
  World world;
  const TimeFn truth = [](int rows) { return 0.02 + 0.01 * rows; };
  world.Running(8)
      .Accepts(0.5)
      .Takes(truth, [](int) { return 0.01; })
      .Told([](int rows) { return 0.02 + 0.005 * rows; })
      .Steps(300);
  world.Steps(600);
  EXPECT_GT(world.Goodput(), 0.98 * world.Off());
}

TEST(GoodputController, ForecastsTheWholeStepItsDraftPassesIncluded) {
  World world;
  world.Running(4).Accepts(0.9).Steps(200);
  world.Steps(1);
  ASSERT_GT(world.proposed[0], 0);
  EXPECT_NEAR(world.controller().LastDecision()->verify_seconds.count(), world.seconds,
              0.03 * world.seconds);
}

TEST(GoodputController, SaysWhatItConsidered) {
  World world;
  world.Running(4).Steps(10);
  const Decision* decision = world.controller().LastDecision();
  ASSERT_NE(decision, nullptr);
  ASSERT_GT(decision->candidates.size(), 2U);
  const PlanCandidate& off = decision->candidates[0];
  EXPECT_EQ(off.verified, 0);
  EXPECT_EQ(off.tokens, 4);
  const auto& chosen = decision->candidates[static_cast<std::size_t>(decision->chosen)];
  EXPECT_GE(chosen.TokensPerSecond(), off.TokensPerSecond());
}

}  // namespace
}  // namespace turbospec
