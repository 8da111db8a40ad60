#include "workload/arrival_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "workload/workload_fixture.h"

namespace turbospec {
namespace {

ArrivalStream Play(ArrivalPlan plan, std::uint64_t seed = 1) {
  return *ArrivalStream::Create(std::move(plan), WorkloadOf({"story", "json"}, 10), {},
                                Split::kTune, seed);
}

ArrivalStream Play(const std::string& text, std::uint64_t seed = 1) {
  return Play(*ParseArrivalPlan(text), seed);
}

ArrivalPlan Phased(const std::vector<std::pair<double, std::string>>& phases) {
  ArrivalPlan plan;
  for (const auto& [duration, text] : phases) {
    plan.phases.push_back(ParseArrivalPlan(text)->phases.front());
    plan.phases.back().duration = Seconds(duration);
  }
  return plan;
}

// The times of all arrivals of an open plan before `end`.
std::vector<double> TimesUntil(ArrivalStream stream, double end) {
  std::vector<double> times;
  while (stream.NextTime() && stream.NextTime()->count() < end) {
    times.push_back(stream.Take().at.count());
  }
  return times;
}

TEST(ArrivalStreamTest, LetsEveryClientStartAtOnceAndThenWait) {
  ArrivalStream stream = Play("closed:3");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(stream.Take().at.count(), 0);
  EXPECT_FALSE(stream.NextTime());
  EXPECT_FALSE(stream.Ended());
}

TEST(ArrivalStreamTest, SendsAClientsNextRequestWhenItsLastIsAnswered) {
  ArrivalStream stream = Play("closed:2");
  stream.Take();
  stream.Take();
  stream.Completed(Seconds(1.5));
  ASSERT_TRUE(stream.NextTime());
  EXPECT_EQ(stream.Take().at.count(), 1.5);
  EXPECT_FALSE(stream.NextTime());
}

TEST(ArrivalStreamTest, BringsAsManyAsTheRateSays) {
  EXPECT_NEAR(TimesUntil(Play("poisson:5"), 1000).size(), 5000, 4 * 71);
  EXPECT_NEAR(TimesUntil(Play("ramp:from=0,to=8,over=500"), 500).size(), 2000, 4 * 45);
  EXPECT_NEAR(TimesUntil(Play("day:mean=2,swing=1,compress=1440"), 600).size(), 1200, 4 * 35);
  EXPECT_NEAR(TimesUntil(Play("burst:on=1,off=3,rate=8"), 1000).size(), 2000, 4 * 45);
}

TEST(ArrivalStreamTest, SpacesPoissonArrivalsExponentially) {
  const std::vector<double> times = TimesUntil(Play("poisson:5"), 1000);
  int longer_than_mean = 0;
  for (std::size_t i = 1; i < times.size(); ++i) longer_than_mean += times[i] - times[i - 1] > 0.2;
  EXPECT_NEAR(longer_than_mean / static_cast<double>(times.size()), 0.3679, 4 * 0.007);
}

TEST(ArrivalStreamTest, KeepsSilentBetweenBursts) {
  for (const double t : TimesUntil(Play("burst:on=1,off=3,rate=8"), 200)) {
    EXPECT_LE(t - 4 * static_cast<int>(t / 4), 1.0 + 1e-6) << t;
  }
}

TEST(ArrivalStreamTest, NeverGoesBackInTime) {
  for (const char* text : {"poisson:5", "burst:on=1,off=3,rate=8,idle=0.1",
                           "ramp:from=9,to=1,over=50", "day:mean=2,swing=1,compress=1440"}) {
    const std::vector<double> times = TimesUntil(Play(text), 200);
    EXPECT_TRUE(std::is_sorted(times.begin(), times.end())) << text;
  }
}

TEST(ArrivalStreamTest, EndsWhenARampHasRunDry) {
  ArrivalStream stream = Play("ramp:from=4,to=0,over=5");
  while (stream.NextTime()) stream.Take();
  EXPECT_TRUE(stream.Ended());
}

TEST(ArrivalStreamTest, RepeatsItselfForASeedAndOnlyForIt) {
  EXPECT_EQ(TimesUntil(Play("poisson:5", 3), 50), TimesUntil(Play("poisson:5", 3), 50));
  EXPECT_NE(TimesUntil(Play("poisson:5", 3), 50), TimesUntil(Play("poisson:5", 4), 50));
}

TEST(ArrivalStreamTest, DoesNotLetAnswersMoveOpenArrivals) {
  ArrivalStream slow = Play("poisson:5"), fast = Play("poisson:5");
  for (int i = 0; i < 50; ++i) {
    const Arrival a = slow.Take(), b = fast.Take();
    EXPECT_EQ(a.at, b.at);
    EXPECT_EQ(a.item, b.item);
    fast.Completed(b.at + Seconds(0.3));
  }
}

TEST(ArrivalStreamTest, ChangesPhaseOnTimeThoughAllClientsWait) {
  ArrivalStream stream = Play(Phased({{10, "closed:1"}, {10, "closed:3"}}));
  stream.Take();
  ASSERT_TRUE(stream.NextTime());
  EXPECT_EQ(stream.NextTime()->count(), 10);  // two more clients join
  const Arrival joined = stream.Take();
  EXPECT_EQ(joined.phase, 1u);
  stream.Take();
  EXPECT_FALSE(stream.NextTime());
}

TEST(ArrivalStreamTest, ComesBackToTheFirstPhaseIfAnAnswerIsInTime) {
  ArrivalStream stream = Play(Phased({{10, "closed:1"}, {10, "closed:3"}}));
  stream.Take();
  EXPECT_EQ(stream.NextTime()->count(), 10);
  stream.Completed(Seconds(4));
  const Arrival next = stream.Take();
  EXPECT_EQ(next.at.count(), 4);
  EXPECT_EQ(next.phase, 0u);
}

TEST(ArrivalStreamTest, SendsNoMoreWhileEarlierRequestsFillTheClients) {
  ArrivalStream stream = Play(Phased({{10, "closed:4"}, {10, "closed:2"}}));
  for (int i = 0; i < 4; ++i) stream.Take();
  stream.Completed(Seconds(11));
  stream.Completed(Seconds(12));
  EXPECT_FALSE(stream.NextTime());
  EXPECT_FALSE(stream.Ended());
  stream.Completed(Seconds(13));
  EXPECT_EQ(stream.NextTime()->count(), 13);
}

TEST(ArrivalStreamTest, PlaysAnOpenPhaseAlikeWhateverWentBefore) {
  const auto second_phase_after = [](const std::string& first) {
    ArrivalStream stream = Play(Phased({{10, first}, {20, "poisson:3"}}));
    std::vector<double> times;
    while (stream.NextTime()) {
      const Arrival arrival = stream.Take();
      if (arrival.phase == 1) times.push_back(arrival.at.count());
    }
    return times;
  };
  EXPECT_GT(second_phase_after("poisson:9").size(), 20u);
  EXPECT_EQ(second_phase_after("poisson:9"), second_phase_after("closed:2"));
}

TEST(ArrivalStreamTest, EndsWithItsLastPhase) {
  ArrivalStream stream = Play(Phased({{10, "closed:1"}, {5, "poisson:20"}}));
  double last = 0;
  while (stream.NextTime()) last = stream.Take().at.count();
  EXPECT_GT(last, 10);
  EXPECT_LT(last, 15);
  EXPECT_TRUE(stream.Ended());
}

TEST(ArrivalStreamTest, IsOverWhenTheLastAnswerComesAfterTheLastPhase) {
  ArrivalStream stream = Play(Phased({{10, "closed:1"}}));
  stream.Take();
  EXPECT_FALSE(stream.Ended());
  stream.Completed(Seconds(10.5));
  EXPECT_FALSE(stream.NextTime());
  EXPECT_TRUE(stream.Ended());
}

TEST(ArrivalStreamTest, GivesEveryPhaseItsMix) {
  const Workload workload = WorkloadOf({"story", "json"}, 10);
  ArrivalPlan plan = Phased({{10, "poisson:3"}, {10, "poisson:3"}});
  plan.phases[1].mix = *ParseMix("json");
  ArrivalStream stream =
      *ArrivalStream::Create(plan, workload, *ParseMix("story"), Split::kTune, 1);
  int in_phase[2] = {0, 0};
  while (stream.NextTime()) {
    const Arrival arrival = stream.Take();
    ++in_phase[arrival.phase];
    EXPECT_EQ(workload.items[arrival.item].class_name, arrival.phase == 0 ? "story" : "json");
  }
  EXPECT_GT(in_phase[0], 0);
  EXPECT_GT(in_phase[1], 0);
}

TEST(ArrivalStreamTest, RefusesAMixThatTheWorkloadCannotServe) {
  const Workload workload = WorkloadOf({"story"}, 2);
  EXPECT_FALSE(ArrivalStream::Create(*ParseArrivalPlan("closed:1"), workload, *ParseMix("json"),
                                     Split::kTune, 1));
  EXPECT_FALSE(ArrivalStream::Create({}, workload, {}, Split::kTune, 1));
}

}  // namespace
}  // namespace turbospec
