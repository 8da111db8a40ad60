#include "workload/trace_fill.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/utf8.h"
#include "workload/workload_fixture.h"

namespace turbospec {
namespace {

std::string AskedBy(const TimedItem& timed) {
  return timed.item.messages.empty() ? timed.item.prompt : timed.item.messages.at(0).content;
}

Trace TraceOf(const std::vector<TraceRequest>& requests) {
  return {requests, 0};
}

std::vector<TimedItem> Fill(const Trace& trace, const std::string& mix = "",
                            const FillOptions& options = {}, std::uint64_t seed = 1) {
  return *FillTrace(trace, WorkloadOf({"json", "story"}, 8), *ParseMix(mix), Split::kTune, seed,
                    options);
}

TEST(FillTraceTest, MeetsTheLengthsAtThreeAndAHalfCharactersAToken) {
  for (const int tokens : {20, 100, 1000, 20'000}) {
    const auto items = Fill(TraceOf({{Seconds(2), tokens, 7, {}}}));
    ASSERT_EQ(items.size(), 1u);
    const double wanted = 3.5 * tokens;
    EXPECT_LE(AskedBy(items[0]).size(), wanted);
    EXPECT_GE(AskedBy(items[0]).size(), wanted - 40);
    EXPECT_EQ(items[0].at.count(), 2);
    EXPECT_EQ(items[0].item.max_tokens, 7);
  }
}

TEST(FillTraceTest, AsksSomethingEvenInOneToken) {
  for (const char* mix : {"json", "story"}) {
    EXPECT_FALSE(AskedBy(Fill(TraceOf({{Seconds(0), 1, 1, {}}}), mix).at(0)).empty());
  }
}

TEST(FillTraceTest, KeepsTheKindOfAClass) {
  const Trace trace = TraceOf({{Seconds(0), 50, 5, {}}});
  EXPECT_EQ(Fill(trace, "json").at(0).item.messages.size(), 1u);
  EXPECT_TRUE(Fill(trace, "story").at(0).item.messages.empty());
  EXPECT_EQ(Fill(trace, "story").at(0).item.class_name, "story");
}

TEST(FillTraceTest, KeepsTheInstructionInFront) {
  const auto items = Fill(TraceOf({{Seconds(0), 300, 5, {}}}), "json");
  EXPECT_TRUE(AskedBy(items.at(0)).starts_with("Tell me about the json"));
}

TEST(FillTraceTest, CutsToWhatTheModelCanHold) {
  FillOptions options;
  options.max_prompt_tokens = 200;
  options.max_output_tokens = 64;
  const auto items =
      Fill(TraceOf({{Seconds(0), 5000, 900, {}}, {Seconds(1), 10, 3, {}}}), "", options);
  EXPECT_LE(AskedBy(items[0]).size(), 700u);
  EXPECT_EQ(items[0].item.max_tokens, 64);
  EXPECT_EQ(items[1].item.max_tokens, 3);
}

TEST(FillTraceTest, SharesTheTextOfSharedBlocks) {
  const auto items = Fill(TraceOf({{Seconds(0), 1000, 5, {40, 41}},
                                   {Seconds(1), 1500, 5, {40, 42, 43}},
                                   {Seconds(2), 1000, 5, {44, 41}}}));
  const std::string first = AskedBy(items[0]), second = AskedBy(items[1]),
                    third = AskedBy(items[2]);
  const std::size_t block = 512 * 3.5 - 45;  // a block is cut at a blank
  EXPECT_EQ(first.substr(0, block), second.substr(0, block));
  EXPECT_NE(first.substr(1800), second.substr(1800, first.size() - 1800));
  EXPECT_NE(first.substr(0, block), third.substr(0, block));
}

TEST(FillTraceTest, FillsALongPromptOfFewBlocks) {
  const auto items = Fill(TraceOf({{Seconds(0), 3000, 5, {9}}}));
  EXPECT_GE(AskedBy(items[0]).size(), 3000 * 3.5 - 41);
}

TEST(FillTraceTest, RepeatsItselfForASeedAndOnlyForIt) {
  const Trace trace = TraceOf({{Seconds(0), 400, 5, {}}, {Seconds(1), 700, 5, {3, 4}}});
  EXPECT_EQ(Fill(trace, "", {}, 5), Fill(trace, "", {}, 5));
  EXPECT_NE(Fill(trace, "", {}, 5), Fill(trace, "", {}, 6));
}

TEST(FillTraceTest, NeverCutsACharacter) {
  Workload workload = WorkloadOf({"story"}, 1);
  workload.items[0].prompt.clear();
  for (int i = 0; i < 60; ++i) workload.items[0].prompt += "\xE2\x82\xAC";  // the euro sign
  for (int tokens = 1; tokens < 30; ++tokens) {
    const auto items =
        FillTrace(TraceOf({{Seconds(0), tokens, 5, {}}}), workload, {}, Split::kTune, 1);
    ASSERT_TRUE(items);
    EXPECT_TRUE(IsValidUtf8(AskedBy(items->at(0)))) << tokens;
  }
}

TEST(FillTraceTest, RefusesWhatWouldFillTheMemory) {
  const auto items =
      FillTrace(TraceOf(std::vector<TraceRequest>(40, {Seconds(0), 10'000'000, 1, {}})),
                WorkloadOf({"story"}, 1), {}, Split::kTune, 1);
  ASSERT_FALSE(items);
  EXPECT_EQ(items.error().code, ErrorCode::kResourceExhausted);
}

TEST(FillTraceTest, RefusesAMixThatTheWorkloadCannotServe) {
  EXPECT_FALSE(FillTrace(TraceOf({{Seconds(0), 5, 5, {}}}), WorkloadOf({"story"}, 1),
                         *ParseMix("code"), Split::kTune, 1));
}

}  // namespace
}  // namespace turbospec
