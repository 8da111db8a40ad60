#include "bench/workload_source.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

#include "workload/workload_fixture.h"

namespace turbospec {
namespace {

using nlohmann::json;

WorkloadSourceOptions By(const std::string& arrivals, const std::string& mix = "") {
  WorkloadSourceOptions options;
  options.arrivals = *ParseArrivalPlan(arrivals);
  options.mix = *ParseMix(mix);
  options.seed = 7;
  return options;
}

BenchPrompts StoriesAndJson() {
  return PromptsOf(WorkloadOf({"story", "json"}, 10));
}

WorkloadSource Source(WorkloadSourceOptions options) {
  return *WorkloadSource::Create(StoriesAndJson(), std::move(options));
}

std::string TextOf(const BenchRequest& request) {
  const json body = json::parse(request.body);
  return body.contains("prompt") ? body["prompt"] : body["messages"][0]["content"];
}

TEST(WorkloadSource, AsksTheItemsOfTheMixUnderTheNameOfTheirClass) {
  WorkloadSource source = Source(By("poisson:100", "json=1,story=1"));
  std::set<std::string> classes;
  for (int i = 0; i < 40; ++i) {
    const BenchRequest request = source.Take();
    const bool chat = request.class_name == "json";
    EXPECT_EQ(request.path, chat ? "/v1/chat/completions" : "/v1/completions");
    EXPECT_NE(TextOf(request).find("about the " + request.class_name), std::string::npos);
    EXPECT_EQ(json::parse(request.body)["max_tokens"], 16);
    classes.insert(request.class_name);
  }
  EXPECT_EQ(classes, (std::set<std::string>{"json", "story"}));
}

TEST(WorkloadSource, PutsTheFieldsOfTheCommandLineIntoEveryRequest) {
  WorkloadSourceOptions options = By("closed:1");
  options.fields.overrides = {{"model", "m"}, {"max_tokens", 3}};
  const json body = json::parse(Source(options).Take().body);
  EXPECT_EQ(body["model"], "m");
  EXPECT_EQ(body["max_tokens"], 3);
}

TEST(WorkloadSource, KeepsTheHeldOutPartFromTuning) {
  for (const Split split : {Split::kTune, Split::kHeldOut}) {
    const Workload workload = WorkloadOf({"story"}, 10);
    BenchPrompts prompts = PromptsOf(workload);
    for (std::size_t i = 0; i < prompts.bodies.size(); ++i) {
      prompts.bodies[i]["held_out"] = workload.items[i].split == Split::kHeldOut;
    }
    WorkloadSourceOptions options = By("poisson:100");
    options.split = split;
    WorkloadSource source = *WorkloadSource::Create(std::move(prompts), options);
    for (int i = 0; i < 30; ++i) {
      EXPECT_EQ(json::parse(source.Take().body)["held_out"], split == Split::kHeldOut);
    }
  }
}

TEST(WorkloadSource, MakesAClientsNextRequestDueWhenItsLastIsAnswered) {
  WorkloadSource source = Source(By("closed:2"));
  EXPECT_EQ(source.Take().at, Seconds(0));
  EXPECT_EQ(source.Take().at, Seconds(0));
  EXPECT_FALSE(source.NextTime().has_value());
  EXPECT_FALSE(source.Ended());
  source.Completed(Seconds(1.5));
  EXPECT_EQ(source.NextTime(), Seconds(1.5));
  EXPECT_EQ(source.Take().at, Seconds(1.5));
}

TEST(WorkloadSource, LetsNoAnswerMoveAnOpenArrival) {
  WorkloadSource answered = Source(By("poisson:5"));
  WorkloadSource unanswered = Source(By("poisson:5"));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(answered.NextTime(), unanswered.NextTime());
    const BenchRequest one = answered.Take();
    const BenchRequest other = unanswered.Take();
    EXPECT_EQ(one.at, other.at);
    EXPECT_EQ(one.body, other.body);
    answered.Completed(one.at + Seconds(100));
  }
}

TEST(WorkloadSource, EndsWithTheLastPhase) {
  WorkloadSourceOptions options = By("poisson:50");
  options.arrivals.phases.front().duration = Seconds(2);
  WorkloadSource source = Source(options);
  int requests = 0;
  while (source.NextTime()) {
    EXPECT_LT(source.Take().at, Seconds(2));
    ++requests;
  }
  EXPECT_NEAR(requests, 100, 40);
  EXPECT_TRUE(source.Ended());
}

TEST(WorkloadSource, RefusesAClassWithoutPrompts) {
  const auto source = WorkloadSource::Create(StoriesAndJson(), By("closed:1", "poem"));
  ASSERT_FALSE(source.ok());
  EXPECT_NE(source.error().message.find("\"poem\""), std::string::npos);
  EXPECT_NE(source.error().message.find("json, story"), std::string::npos);
}

TEST(TraceSource, ReplaysATraceAtItsTimesWhateverIsAnswered) {
  const Trace trace{{{Seconds(0), 4, 5, {}}, {Seconds(0.25), 40, 6, {}}, {Seconds(9), 8, 7, {}}}};
  const auto items = FillTrace(trace, WorkloadOf({"story"}, 5), {}, Split::kTune, 1);
  ASSERT_TRUE(items.ok());
  TraceSource source(*items, {.overrides = {{"model", "m"}}});
  for (std::size_t i = 0; i < trace.requests.size(); ++i) {
    EXPECT_FALSE(source.Ended());
    EXPECT_EQ(source.NextTime(), trace.requests[i].at);
    const BenchRequest request = source.Take();
    EXPECT_EQ(request.at, trace.requests[i].at);
    EXPECT_EQ(request.class_name, "story");
    const json body = json::parse(request.body);
    EXPECT_EQ(body["max_tokens"], trace.requests[i].output_tokens);
    EXPECT_EQ(body["prompt"], (*items)[i].item.prompt);
    EXPECT_EQ(body["model"], "m");
    source.Completed(Seconds(100));
  }
  EXPECT_TRUE(source.Ended());
  EXPECT_FALSE(source.NextTime().has_value());
}

}  // namespace
}  // namespace turbospec
