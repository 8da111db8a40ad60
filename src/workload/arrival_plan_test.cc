#include "workload/arrival_plan.h"

#include <gtest/gtest.h>

#include <string>

namespace turbospec {
namespace {

template <class Shape>
Shape ShapeOf(const Result<ArrivalPlan>& plan, std::size_t phase = 0) {
  return std::get<Shape>(std::get<RateShape>(plan->phases.at(phase).load));
}

TEST(ArrivalPlanTest, ReadsEveryWrittenForm) {
  EXPECT_EQ(std::get<ClosedLoop>(ParseArrivalPlan("closed:8")->phases.at(0).load).clients, 8);
  EXPECT_EQ(ShapeOf<ConstantRate>(ParseArrivalPlan("poisson:2.5")).per_second, 2.5);

  const auto burst = ShapeOf<BurstRate>(ParseArrivalPlan("burst:on=10,off=30,rate=8,idle=0.5"));
  EXPECT_EQ(burst.on.count(), 10);
  EXPECT_EQ(burst.off.count(), 30);
  EXPECT_EQ(burst.burst_per_second, 8);
  EXPECT_EQ(burst.idle_per_second, 0.5);
  EXPECT_EQ(ShapeOf<BurstRate>(ParseArrivalPlan("burst:rate=8,on=1,off=3")).idle_per_second, 0);

  const auto ramp = ShapeOf<RampRate>(ParseArrivalPlan("ramp:from=0.5,to=8,over=120"));
  EXPECT_EQ(ramp.from_per_second, 0.5);
  EXPECT_EQ(ramp.to_per_second, 8);
  EXPECT_EQ(ramp.over.count(), 120);

  const auto day = ShapeOf<DayRate>(ParseArrivalPlan("day:mean=3,swing=0.5,compress=2880"));
  EXPECT_EQ(day.mean_per_second, 3);
  EXPECT_EQ(day.swing, 0.5);
  EXPECT_EQ(day.Period().count(), 30);
}

TEST(ArrivalPlanTest, RunsWithoutEndUnlessPhased) {
  EXPECT_GT(ParseArrivalPlan("closed:1")->phases[0].duration, Seconds(1e18));
}

TEST(ArrivalPlanTest, RefusesWhatCannotBePlayedAndQuotesIt) {
  for (const char* text : {"",
                           "closed",
                           "closed:",
                           "closed:0",
                           "closed:-1",
                           "closed:2.5",
                           "closed:99999999999999999999",
                           "poisson:0",
                           "poisson:-1",
                           "poisson:x",
                           "poisson:2.5x",
                           "poisson:inf",
                           "poisson:1e9",
                           "burst:on=1,off=1",
                           "burst:on=1,off=1,rate=1,idle=1",
                           "burst:on=0,off=1,rate=1",
                           "burst:on=1,off=1,rate=1,colour=2",
                           "burst:on=1,on=2,off=1,rate=1",
                           "ramp:from=0,to=0,over=1",
                           "ramp:from=1,to=2",
                           "ramp:from=1,to=2,over=0",
                           "day:swing=0.5",
                           "day:mean=1,swing=1.5",
                           "day:mean=1,compress=0",
                           "uniform:3"}) {
    const Result<ArrivalPlan> plan = ParseArrivalPlan(text);
    ASSERT_FALSE(plan) << text;
    EXPECT_NE(plan.error().message.find("\"" + std::string(text) + "\""), std::string::npos)
        << plan.error().message;
  }
}

TEST(ArrivalPlanTest, SaysWhichOptionIsMissingOrUnknown) {
  EXPECT_NE(ParseArrivalPlan("ramp:from=1,to=2").error().message.find("\"over\" is missing"),
            std::string::npos);
  EXPECT_NE(ParseArrivalPlan("day:mean=1,swign=1").error().message.find("\"swign\""),
            std::string::npos);
}

TEST(PhasesTest, ReadsAFileOfPhases) {
  const Result<ArrivalPlan> plan =
      LoadArrivalPlan("phases:" TURBOSPEC_WORKLOAD_TESTDATA "/phases.json");
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->phases.size(), 3u);
  EXPECT_EQ(std::get<ClosedLoop>(plan->phases[0].load).clients, 2);
  EXPECT_EQ(plan->phases[0].duration.count(), 10);
  EXPECT_EQ(ShapeOf<ConstantRate>(plan, 1).per_second, 4);
  EXPECT_EQ(plan->phases[1].mix.shares.at(1).weight, 3);
  EXPECT_EQ(ShapeOf<DayRate>(plan, 2).swing, 0.5);
  EXPECT_TRUE(plan->phases[2].mix.shares.empty());
}

TEST(PhasesTest, NamesTheFileThatIsMissing) {
  const Result<ArrivalPlan> plan = LoadArrivalPlan("phases:nowhere.json");
  ASSERT_FALSE(plan);
  EXPECT_NE(plan.error().message.find("nowhere.json"), std::string::npos);
}

std::string ErrorOfPhases(const std::string& phases) {
  const Result<ArrivalPlan> plan =
      ParsePhases(R"({"turbospec_phases": 1, "phases": )" + phases + "}", "p.json");
  return plan ? "" : plan.error().message;
}

TEST(PhasesTest, SaysWhichPhaseIsWrongAndWhy) {
  const std::string good = R"({"duration": 1, "clients": 1}, )";
  const auto error_of_second = [&](const std::string& phase) {
    return ErrorOfPhases("[" + good + phase + "]");
  };
  EXPECT_EQ(error_of_second(R"({"duration": 1, "rate": 0.5})"), "");
  EXPECT_EQ(error_of_second(R"({"duration": 1})"),
            "p.json: phase 2: exactly one of \"clients\", \"rate\" and \"arrivals\" is needed");
  EXPECT_NE(error_of_second(R"({"duration": 1, "rate": 1, "clients": 2})"), "");
  EXPECT_NE(error_of_second(R"({"duration": 0, "rate": 1})"), "");
  EXPECT_NE(error_of_second(R"({"duration": 1, "rate": -1})"), "");
  EXPECT_NE(error_of_second(R"({"duration": 1, "rate": "1"})"), "");
  EXPECT_NE(error_of_second(R"({"duration": 1, "clients": 0})"), "");
  EXPECT_NE(error_of_second(R"({"duration": 1, "rate": 1, "mix": "a=x"})"), "");
  EXPECT_NE(error_of_second(R"({"duration": 1, "rate": 1, "speed": 1})"), "");
  EXPECT_NE(error_of_second(R"({"duration": 1, "arrivals": "phases:p.json"})"), "");
  EXPECT_NE(error_of_second("3"), "");
}

TEST(PhasesTest, RefusesOtherVersionsAndOtherFiles) {
  EXPECT_NE(ErrorOfPhases("[]"), "");
  EXPECT_FALSE(ParsePhases("", "p.json"));
  EXPECT_FALSE(ParsePhases("[]", "p.json"));
  EXPECT_FALSE(ParsePhases(R"({"phases": [{"duration": 1, "clients": 1}]})", "p.json"));
  const auto newer = ParsePhases(
      R"({"turbospec_phases": 2, "phases": [{"duration": 1, "clients": 1}]})", "p.json");
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().message.find("version 2"), std::string::npos);
}

}  // namespace
}  // namespace turbospec
