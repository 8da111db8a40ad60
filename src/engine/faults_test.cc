// A fault in any pass: only the requests concerned fail, with a message; nothing leaks.
#include <gtest/gtest.h>

#include <algorithm>

#include "control/controller_factory.h"
#include "engine/scripted_run.h"

namespace turbospec {
namespace {

Script Scenario() {
  Script script;
  script.seed = 5;
  script.model = {.vocabulary_size = 9, .slots = 3, .context_per_slot = 64};
  for (int i = 0; i < 7; ++i) {
    ScriptedRequest request;
    request.prompt = {i % 9, 1, 2, 3, 1, 2};
    request.max_tokens = 12;
    request.arrives_at = 2 * i;
    script.requests.push_back(request);
  }
  return script;
}

RunOptions Speculating() {
  return {.controller = [] { return *MakeController("fixed:lookup=3,draft=3"); }};
}

void ExpectNothingLeaked(const RunResult& result) {
  EXPECT_EQ(result.refused, "");
  EXPECT_EQ(result.statistics.running, 0);
  EXPECT_EQ(result.statistics.waiting, 0);
}

TEST(Faults, AFaultThatDoesNotComeBackFailsNobody) {
  const Script script = Scenario();
  const int calls = RunScript(script, Speculating()).target_calls;
  ASSERT_GT(calls, 10);
  for (int n = 0; n < calls; ++n) {
    RunOptions options = Speculating();
    options.target_fails = [n](int call, std::span<const Row> rows) {
      // A batch of one request is not tried again, so it would rightly fail.
      return call == n && rows.front().slot != rows.back().slot;
    };
    const RunResult result = RunScript(script, options);
    ExpectNothingLeaked(result);
    for (std::size_t i = 0; i < script.requests.size(); ++i) {
      EXPECT_EQ(result.received[i].text, OracleText(script, script.requests[i])) << "call " << n;
    }
  }
}

TEST(Faults, EveryCallOfTheTargetMayFailAndTheNextRequestSucceeds) {
  const Script script = Scenario();
  const int calls = RunScript(script, Speculating()).target_calls;
  int failed_in_all = 0;
  for (int first = 0; first < calls; ++first) {
    for (const int length : {1, 2, 3, 5}) {
      RunOptions options = Speculating();
      options.target_fails = [=](int call, std::span<const Row>) {
        return call >= first && call < first + length;
      };
      const RunResult result = RunScript(script, options);
      ExpectNothingLeaked(result);
      for (std::size_t i = 0; i < script.requests.size(); ++i) {
        const Received& received = result.received[i];
        const std::string oracle = OracleText(script, script.requests[i]);
        if (received.finish->reason == FinishReason::kError) {
          ++failed_in_all;
          EXPECT_NE(received.finish->error->message.find("injected fault"), std::string::npos);
          EXPECT_EQ(received.text, oracle.substr(0, received.text.size()));
        } else {
          EXPECT_EQ(received.text, oracle);
        }
      }
    }
  }
  EXPECT_GT(failed_in_all, calls);
}

TEST(Faults, ASlotThatAlwaysFailsTakesNobodyElseAlong) {
  const Script script = Scenario();
  RunOptions options = Speculating();
  options.target_fails = [](int, std::span<const Row> rows) {
    return std::ranges::any_of(rows, [](const Row& row) { return row.slot == 1; });
  };
  const RunResult result = RunScript(script, options);
  ExpectNothingLeaked(result);
  const auto failed = std::ranges::count_if(
      result.received, [](const Received& r) { return r.finish->reason == FinishReason::kError; });
  EXPECT_EQ(failed, result.statistics.failed);
  EXPECT_GT(failed, 0);
  EXPECT_LT(failed, static_cast<std::ptrdiff_t>(script.requests.size()));
  for (std::size_t i = 0; i < script.requests.size(); ++i) {
    if (result.received[i].finish->reason == FinishReason::kError) continue;
    EXPECT_EQ(result.received[i].text, OracleText(script, script.requests[i]));
  }
}

TEST(Faults, AFaultOfTheDraftCostsSpeculationNeverARequest) {
  const Script script = Scenario();
  for (int n = 0; n < 60; ++n) {
    RunOptions options = Speculating();
    options.draft_fails = [n](int call, std::span<const Row>) { return call >= n && call < n + 3; };
    const RunResult result = RunScript(script, options);
    ExpectNothingLeaked(result);
    EXPECT_EQ(result.statistics.failed, 0);
    for (std::size_t i = 0; i < script.requests.size(); ++i) {
      EXPECT_EQ(result.received[i].text, OracleText(script, script.requests[i])) << "call " << n;
    }
  }
}

TEST(Faults, RandomScriptsSurviveRandomFaultsOfBothModels) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Script script = RandomScript(seed);
    RunOptions options{.controller = [&] { return MakeErraticController(seed, 6); }};
    options.target_fails = [=](int call, std::span<const Row>) {
      return UniformAt(seed, static_cast<std::uint64_t>(call)) < 0.1;
    };
    options.draft_fails = [=](int call, std::span<const Row>) {
      return UniformAt(~seed, static_cast<std::uint64_t>(call)) < 0.1;
    };
    const RunResult result = RunScript(script, options);
    ExpectNothingLeaked(result);
    for (std::size_t i = 0; i < script.requests.size(); ++i) {
      const std::string oracle = OracleText(script, script.requests[i]);
      const Received& received = result.received[i];
      const bool whole = received.finish->reason == FinishReason::kStop ||
                         received.finish->reason == FinishReason::kLength;
      EXPECT_EQ(received.text, whole ? oracle : oracle.substr(0, received.text.size())) << seed;
    }
  }
}

}  // namespace
}  // namespace turbospec
