// What the engine tells a controller: the shape of draft passes, and labels of lookup proposals
// that nobody used.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "control/controller_factory.h"
#include "engine/scripted_run.h"

namespace turbospec {
namespace {

struct Seen {
  int committed = 0;
  int verified_lookup = 0;
  int accepted = 0;
  LookupScore unused{};
  int verified = 0;
  bool first_survived = false;  // of the verified tokens
  std::optional<bool> next_agreed{};
  std::vector<LateGuess> late_guesses{};
};
using Diary = std::map<std::pair<RequestId, int>, Seen>;  // by request and committed length

struct Habits {
  bool verifies = true;  // what was drafted
  int drafts_from = 0;   // committed tokens
};

// Plans as another controller does and writes down what it is told.
class Observer final : public Controller {
 public:
  Observer(std::string_view written, const Habits& habits, Diary& diary, StepView& last)
      : inner_(*MakeController(written)), habits_(habits), diary_(diary), last_(last) {}

  std::string_view name() const override { return inner_->name(); }
  DraftPlan PlanDraft(const StepView& step) override {
    DraftPlan plan = inner_->PlanDraft(step);
    for (std::size_t i = 0; i < step.requests.size(); ++i) {
      if (step.requests[i].context_length < habits_.drafts_from) plan.choices[i] = {};
    }
    return plan;
  }
  void KeepDrafting(const StepView& step, std::span<const ProposalView> proposals, int depth,
                    std::span<char> keep) override {
    inner_->KeepDrafting(step, proposals, depth, keep);
  }
  VerifyPlan PlanVerify(const StepView& step, std::span<const ProposalView> proposals) override {
    VerifyPlan plan = inner_->PlanVerify(step, proposals);
    if (!habits_.verifies) plan.choices.assign(plan.choices.size(), {});
    return plan;
  }
  void Learn(const StepOutcome& outcome) override {
    last_ = outcome.view;
    for (std::size_t i = 0; i < outcome.requests.size(); ++i) {
      const RequestView& view = outcome.view.requests[i];
      const RequestOutcome& request = outcome.requests[i];
      const bool copied =
          !request.evidence.empty() && request.evidence[0].proposer == ProposerKind::kPromptLookup;
      diary_[{view.id, view.context_length}] = {
          .committed = request.committed,
          .verified_lookup = copied ? request.verified : 0,
          .accepted = copied ? request.accepted : 0,
          .unused = request.unused_lookup,
          .verified = request.verified,
          .first_survived = request.accepted > 0,
          .next_agreed = request.next_agreed,
          .late_guesses = {request.late_guesses.begin(), request.late_guesses.end()}};
    }
  }
  void Forget(RequestId) override {}

 private:
  std::unique_ptr<Controller> inner_;
  Habits habits_;
  Diary& diary_;
  StepView& last_;
};

// Prompts full of repetition, answers of a language that repeats itself.
Script Repetitive() {
  Script script;
  script.seed = 11;
  script.language_order = 3;
  script.model = {.vocabulary_size = 5, .slots = 3, .context_per_slot = 96};
  for (int i = 0; i < 40; ++i) {
    ScriptedRequest request;
    for (int n = 0; n < 12; ++n) request.prompt.push_back((n * (i % 3 + 1) + n / 5 + i / 9) % 5);
    request.max_tokens = 60;
    request.arrives_at = 3 * i;
    script.requests.push_back(request);
  }
  return script;
}

// The same, sampled under the rejection rule.
Script Sampled() {
  Script script = Repetitive();
  for (ScriptedRequest& request : script.requests) {
    request.sampling.temperature = 1;
    request.rule = AcceptanceRule::kRejection;
  }
  return script;
}

struct Observed {
  Diary diary;
  StepView last{};
};

Observed Observe(const Script& script, std::string_view controller, const Habits& habits = {}) {
  Observed observed;
  RunOptions options;
  options.controller = [&] {
    return std::make_unique<Observer>(controller, habits, observed.diary, observed.last);
  };
  EXPECT_EQ(RunScript(script, options).refused, "");
  return observed;
}

// The text does not depend on the controller, so what lookup would have proposed at a place of it
// is what it did propose there in a run that used it.
void ExpectScoresAsIfUsed(std::string_view controller) {
  const Script script = Repetitive();
  const Diary unused = Observe(script, controller).diary;
  const Diary used = Observe(script, "fixed:lookup=8").diary;
  int compared = 0, agreeing = 0, rejected = 0;
  for (const auto& [place, there] : used) {
    const auto here = unused.find(place);
    if (here == unused.end() || there.verified_lookup == 0) continue;
    const int committed = here->second.committed;
    const LookupScore& score = here->second.unused;
    ASSERT_GT(score.match.available, 0);
    const bool known = there.accepted < there.verified_lookup;
    if (!known && committed > there.accepted) continue;
    EXPECT_EQ(score.agreed, std::min(committed, there.accepted));
    EXPECT_EQ(score.scored, score.agreed + (score.agreed < committed ? 1 : 0));
    ++compared;
    agreeing += score.agreed;
    rejected += score.scored - score.agreed;
  }
  EXPECT_GT(compared, 20);
  EXPECT_GT(agreeing, 10);
  EXPECT_GT(rejected, 5);
}

TEST(UnusedLookup, IsScoredAgainstPlainDecoding) {
  ExpectScoresAsIfUsed("off");
}

TEST(UnusedLookup, IsScoredAgainstAllThatTheDraftModelGained) {
  ExpectScoresAsIfUsed("fixed:draft=5");
}

TEST(UnusedLookup, HasNoScoreWhereItWasUsed) {
  for (const auto& [place, seen] : Observe(Repetitive(), "fixed:lookup=4").diary) {
    if (seen.verified_lookup == 0) continue;
    EXPECT_EQ(seen.unused.scored, 0);
  }
}

// The text is the same, so a first draft token agrees where it would have been accepted.
TEST(UnverifiedDraft, IsComparedWithWhatTheTargetSaid) {
  Script script = Repetitive();
  const Diary looked = Observe(script, "fixed:draft=1", {.verifies = false}).diary;
  const Diary verified = Observe(script, "fixed:draft=1").diary;
  int survived = 0, rejected = 0;
  for (const auto& [place, there] : verified) {
    if (there.verified == 0) continue;
    const auto here = looked.find(place);
    ASSERT_NE(here, looked.end());
    ASSERT_TRUE(here->second.next_agreed.has_value());
    EXPECT_EQ(*here->second.next_agreed, there.first_survived);
    (there.first_survived ? survived : rejected) += 1;
    EXPECT_FALSE(there.next_agreed.has_value());
  }
  EXPECT_GT(survived, 20);
  EXPECT_GT(rejected, 20);
}

TEST(UnverifiedDraft, SaysNothingUnderTheRejectionRule) {
  const Diary diary = Observe(Sampled(), "fixed:draft=2", {.verifies = false}).diary;
  EXPECT_GT(diary.size(), 100U);
  for (const auto& [place, seen] : diary) EXPECT_FALSE(seen.next_agreed.has_value());
}

// Place by place what a draft there would have met.
TEST(LateGuesses, IsWhatADraftWouldHaveMet) {
  const Diary late = Observe(Repetitive(), "fixed:draft=1", {.drafts_from = 22}).diary;
  const Diary always = Observe(Repetitive(), "fixed:draft=1").diary;
  int agreed = 0, differed = 0;
  for (const auto& [place, seen] : late) {
    const auto guesses = static_cast<int>(seen.late_guesses.size());
    EXPECT_TRUE(guesses == 0 || place.second >= 22);
    for (int k = 0; k < guesses; ++k) {
      const auto there = always.find({place.first, place.second - guesses + k});
      if (there == always.end() || there->second.verified == 0) continue;
      const bool guess = seen.late_guesses[static_cast<std::size_t>(k)].agreed;
      EXPECT_EQ(guess, there->second.first_survived);
      (guess ? agreed : differed) += 1;
    }
  }
  EXPECT_GT(agreed, 20);
  EXPECT_GT(differed, 20);
}

TEST(LateGuesses, SaysNothingUnderTheRejectionRule) {
  const Diary diary = Observe(Sampled(), "fixed:draft=1", {.drafts_from = 22}).diary;
  EXPECT_GT(diary.size(), 100U);
  for (const auto& [place, seen] : diary) EXPECT_TRUE(seen.late_guesses.empty());
}

TEST(StepViewOf, CarriesTheRuleOfTheDraftModel) {
  Script script = Repetitive();
  for (const BatchRule rule : {BatchRule::kOnePass, BatchRule::kEqualLength}) {
    script.model.batch_rule = rule;
    EXPECT_EQ(Observe(script, "fixed:2").last.draft_rule, rule);
  }
}

}  // namespace
}  // namespace turbospec
