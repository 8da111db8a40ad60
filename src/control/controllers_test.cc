#include <gtest/gtest.h>

#include "control/controller_factory.h"

namespace turbospec {
namespace {

class FixedLengths : public ::testing::Test {
 protected:
  void Use(std::string_view written) {
    auto made = MakeController(written);
    ASSERT_TRUE(made.ok()) << made.error().message;
    controller_ = *std::move(made);
  }
  void Running(int requests, int max_useful = 100) {
    views_.assign(static_cast<std::size_t>(requests), {.max_useful = max_useful});
  }
  StepView Step(BatchRule rule = BatchRule::kEqualLength) const {
    return {
        .requests = views_, .target_rule = rule, .has_lookup = lookup_, .has_draft_model = draft_};
  }
  DraftChoice Draft(std::size_t i) { return controller_->PlanDraft(Step()).choices.at(i); }
  std::vector<VerifyChoice> Verify(const std::vector<int>& lengths, BatchRule rule) {
    const std::vector<DraftEvidence> evidence(100);
    std::vector<ProposalView> proposals;
    for (const int n : lengths) {
      proposals.push_back({std::span(evidence).first(static_cast<std::size_t>(n))});
    }
    return controller_->PlanVerify(Step(rule), proposals).choices;
  }

  std::unique_ptr<Controller> controller_;
  std::vector<RequestView> views_;
  bool lookup_ = true;
  bool draft_ = true;
};

TEST_F(FixedLengths, OffNeverDrafts) {
  Use("off");
  Running(3);
  EXPECT_EQ(Draft(2).limit, (std::array<int, 2>{0, 0}));
}

TEST_F(FixedLengths, DraftsTheSameDepthForEveryRequest) {
  Use("fixed:4");
  Running(2);
  EXPECT_EQ(Draft(0).limit, (std::array<int, 2>{0, 4}));
  EXPECT_EQ(Draft(1).limit, (std::array<int, 2>{0, 4}));
}

TEST_F(FixedLengths, NeverDraftsMoreThanCanBeCommitted) {
  Use("fixed:4");
  Running(1, /*max_useful=*/2);
  EXPECT_EQ(Draft(0)[ProposerKind::kDraftModel], 2);
}

TEST_F(FixedLengths, LookupGoesFirstWhereItMatches) {
  Use("fixed:lookup=8,draft=3");
  Running(2);
  views_[1].lookup.available = 5;
  EXPECT_EQ(Draft(0).limit, (std::array<int, 2>{0, 3}));
  EXPECT_EQ(Draft(1).limit, (std::array<int, 2>{8, 0}));
}

TEST_F(FixedLengths, APlainDepthUsesLookupWhenThereIsNoDraftModel) {
  Use("fixed:4");
  draft_ = false;
  Running(1);
  views_[0].lookup.available = 9;
  EXPECT_EQ(Draft(0)[ProposerKind::kPromptLookup], 4);
}

TEST_F(FixedLengths, PadsAStragglerToTheCommonShape) {
  Use("fixed:4");
  Running(4);
  const auto choices = Verify({4, 4, 1, 4}, BatchRule::kEqualLength);
  EXPECT_EQ(choices[2].verified, 1);
  EXPECT_EQ(choices[2].padding, 3);
  EXPECT_EQ(choices[0].padding, 0);
}

TEST_F(FixedLengths, DoesNotPadManyForOne) {
  Use("fixed:lookup=8");
  Running(4);
  for (const auto& choice : Verify({8, 0, 0, 0}, BatchRule::kEqualLength)) {
    EXPECT_EQ(choice.padding, 0);
  }
}

TEST_F(FixedLengths, DoesNotPadWhereOnePassTakesAnyShape) {
  Use("fixed:4");
  Running(4);
  EXPECT_EQ(Verify({4, 4, 1, 4}, BatchRule::kOnePass)[2].padding, 0);
}

ControllerInputs SomePrices() {
  return {.target_pass = [](int, int rows, double) { return Seconds(0.01 + 0.001 * rows); },
          .draft_pass = [](int, int, double) { return Seconds(0.001); }};
}

TEST(MakeController, KeepsTheWrittenFormAsTheName) {
  for (const char* form :
       {"off", "fixed:4", "fixed:lookup=8,draft=4", "table", "table:1-8=4,9-=0", "ema", "paper",
        "paper:6", "paper:6,censored", "paper,censored", "budget", "budget:64"}) {
    const auto made = MakeController(form, SomePrices());
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ((*made)->name(), form);
  }
}

TEST(MakeController, RefusesWhatItDoesNotUnderstandAndNamesTheForms) {
  for (const char* bad : {"",
                          "on",
                          "fixed",
                          "fixed:",
                          "fixed:0",
                          "fixed:65",
                          "fixed:4x",
                          "fixed:draft",
                          "fixed:draft=",
                          "fixed:tree=3",
                          "table:",
                          "table,",
                          "table:1-4",
                          "tables",
                          "ema:3",
                          "paper:0",
                          "paper:",
                          "paper:4,biased",
                          "paper:censored",
                          "paper:4,censored,",
                          "budget:65",
                          "budget:4,",
                          "budget,4",
                          "budget:-1",
                          "off:1",
                          "fixed:draft=2,,"}) {
    const auto made = MakeController(bad, SomePrices());
    ASSERT_FALSE(made.ok()) << bad;
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(made.error().message.find("fixed:K"), std::string::npos);
    EXPECT_NE(made.error().message.find("budget[:K]"), std::string::npos);
  }
}

TEST(MakeController, NamesThePartThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {{"table:1-4=3,9-6=1", "\"9-6=1\""},
                                                       {"paper:x", "depth"},
                                                       {"paper:4,biased", "\",biased\""},
                                                       {"ema:3", "no options"},
                                                       {"fixed:tree=3", "\"tree=3\""}};
  for (const auto& [written, part] : cases) {
    const auto made = MakeController(written, SomePrices());
    ASSERT_FALSE(made.ok()) << written;
    EXPECT_NE(made.error().message.find(part), std::string::npos) << made.error().message;
  }
}

TEST(MakeController, WithoutPricesOnlyThoseThatNeedThemAreRefused) {
  for (const char* needs : {"paper", "paper:4,censored", "budget", "budget:4"}) {
    const auto made = MakeController(needs);
    ASSERT_FALSE(made.ok()) << needs;
    EXPECT_NE(made.error().message.find("cost profile"), std::string::npos);
  }
  for (const char* free : {"off", "fixed:4", "table", "ema"}) {
    EXPECT_TRUE(MakeController(free).ok()) << free;
  }
}

TEST(MakeController, TakesAPaperLineWithoutPasses) {
  const ControllerInputs line{.target_line = LinearCost{.fixed = Seconds(0.01)}};
  EXPECT_TRUE(MakeController("paper", line).ok());
  EXPECT_FALSE(MakeController("budget", line).ok());
}

}  // namespace
}  // namespace turbospec
