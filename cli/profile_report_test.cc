#include "cli/profile_report.h"

#include <gtest/gtest.h>

#include "cli/controller_prices.h"
#include "cost/cost_fixture.h"

namespace turbospec::cli {
namespace {

bool Says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(ProfileText, ShowsSurfaceAndLineWithTheirErrors) {
  const std::string text = ProfileText(SampleProfile());
  EXPECT_TRUE(Says(text, "target target-1b")) << text;
  EXPECT_TRUE(Says(text, "draft draft-110m"));
  EXPECT_TRUE(Says(text, "context 64")) << text;
  // One row of one sequence at context 64: 10.064 ms.
  EXPECT_TRUE(Says(text, "10.1")) << text;
  EXPECT_TRUE(Says(text, "~")) << text;
  EXPECT_TRUE(Says(text, "error on 1 shapes between the grid's points: surface")) << text;
  EXPECT_TRUE(Says(text, "paper's line")) << text;
}

TEST(ProfileText, SaysWhereNothingWasChecked) {
  CostProfile profile = SampleProfile();
  profile.target.checks.clear();
  EXPECT_TRUE(Says(ProfileText(profile), "none were measured"));
}

TEST(ProfileSvg, IsOnePictureWithAPanelPerModel) {
  CostProfile profile = SampleProfile();
  profile.key.target.name = "a<b&c";
  const std::string svg = ProfileSvg(profile);
  EXPECT_TRUE(svg.starts_with("<svg"));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_TRUE(Says(svg, "a&lt;b&amp;c"));
  EXPECT_TRUE(Says(svg, "8 sequences, context 384"));
  EXPECT_FALSE(Says(svg, "nan"));
  EXPECT_FALSE(Says(svg, "inf"));
  profile.draft.reset();
  profile.key.draft.reset();
  EXPECT_LT(ProfileSvg(profile).size(), svg.size());
}

TEST(ControllerPrices, GiveEveryControllerItsForm) {
  const auto inputs = ControllerInputsOf(SampleProfile(), 8, 512);
  ASSERT_TRUE(inputs.ok()) << inputs.error().message;
  EXPECT_NEAR(inputs->target_pass(1, 4, 64).count(), Staircase(One(4)).count(), 1e-9);
  EXPECT_NEAR(inputs->draft_pass(8, 8, 64).count(), Line(Spread(8, 8)).count(), 1e-9);
  ASSERT_TRUE(inputs->cost && inputs->target_line && inputs->draft_line);
  EXPECT_NEAR(inputs->cost->Target(One(4)).count(), Staircase(One(4)).count(), 1e-9);
  EXPECT_NEAR(inputs->draft_line->per_row.count(), 0.001, 1e-6);
  EXPECT_EQ(inputs->max_sequences, 8);
  EXPECT_EQ(inputs->max_context, 512);
  EXPECT_EQ(inputs->measured_rows.back(), 64);
}

TEST(ControllerPrices, LeaveOutTheDraftThatIsNotThere) {
  CostProfile profile = SampleProfile();
  profile.draft.reset();
  const auto inputs = ControllerInputsOf(profile, 8, 512);
  EXPECT_FALSE(inputs->draft_pass || inputs->draft_line || inputs->cost->has_draft());
  EXPECT_FALSE(ControllerInputsOf(std::nullopt, 8, 512)->cost.has_value());
}

TEST(ControllerPrices, AreNeededByThoseThatWeighThem) {
  for (const char* form : {"auto", "auto:x", "paper", "paper:4", "budget:8"}) {
    EXPECT_TRUE(NeedsPrices(form)) << form;
  }
  for (const char* form : {"off", "fixed:3", "ema", "automatic", ""}) {
    EXPECT_FALSE(NeedsPrices(form)) << form;
  }
}

TEST(CheckSpeculation, FindsAMistakeBeforeAnythingIsLoaded) {
  for (const char* form : {"off", "fixed:3", "auto", "paper", "paper:4", "budget:8", "ema"}) {
    EXPECT_TRUE(CheckSpeculation(form).ok()) << CheckSpeculation(form).error().message;
  }
  EXPECT_FALSE(CheckSpeculation("budget:many").ok());
  EXPECT_FALSE(CheckSpeculation("fixed:many").ok());
  EXPECT_FALSE(CheckSpeculation("nonsense").ok());
}

}  // namespace
}  // namespace turbospec::cli
