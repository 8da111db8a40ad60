#include "workload/mix.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "workload/workload_fixture.h"

namespace turbospec {
namespace {

std::vector<std::size_t> Draw(ItemSampler& sampler, const Mix& mix, int count) {
  std::vector<std::size_t> items;
  for (int i = 0; i < count; ++i) items.push_back(sampler.Next(mix));
  return items;
}

TEST(MixTest, ReadsWeights) {
  const Result<Mix> mix = ParseMix("story=0.5,json=2");
  ASSERT_TRUE(mix);
  ASSERT_EQ(mix->shares.size(), 2u);
  EXPECT_EQ(mix->shares[1].class_name, "json");
  EXPECT_EQ(mix->shares[1].weight, 2);
}

TEST(MixTest, ReadsABareClassAndNothing) {
  EXPECT_EQ(ParseMix("code")->shares.at(0).class_name, "code");
  EXPECT_TRUE(ParseMix("")->shares.empty());
}

TEST(MixTest, RefusesWhatIsNoMix) {
  for (const char* text :
       {"a=1,", "a=x", "=1", "a=0", "a=-1", "a=nan", "a=1,a=2", "a,b", "a=1e99"}) {
    EXPECT_FALSE(ParseMix(text)) << text;
  }
}

TEST(ItemSamplerTest, FollowsTheWeights) {
  const Workload workload = WorkloadOf({"a", "b", "c"}, 4);
  ItemSampler sampler(workload, Split::kTune, 1);
  std::map<std::string, int> seen;
  for (const std::size_t item : Draw(sampler, *ParseMix("a=3,b=1"), 4000)) {
    ++seen[workload.items[item].class_name];
  }
  EXPECT_NEAR(seen["a"], 3000, 120);  // over four standard deviations
  EXPECT_EQ(seen["a"] + seen["b"], 4000);
}

TEST(ItemSamplerTest, TreatsAllClassesAlikeWithoutAMix) {
  const Workload workload = WorkloadOf({"a", "b"}, 4);
  ItemSampler sampler(workload, Split::kTune, 1);
  int of_a = 0;
  for (const std::size_t item : Draw(sampler, {}, 4000)) {
    of_a += workload.items[item].class_name == "a";
  }
  EXPECT_NEAR(of_a, 2000, 130);
}

TEST(ItemSamplerTest, AsksEveryItemBeforeAnyComesAgain) {
  const Workload workload = WorkloadOf({"a"}, 20);
  ItemSampler sampler(workload, Split::kTune, 7);
  const std::vector<std::size_t> first = Draw(sampler, {}, 20), second = Draw(sampler, {}, 20);
  EXPECT_EQ(std::set(first.begin(), first.end()).size(), 20u);
  EXPECT_EQ(std::set(second.begin(), second.end()).size(), 20u);
  EXPECT_NE(first, second);
}

TEST(ItemSamplerTest, StaysInItsSplit) {
  const Workload workload = WorkloadOf({"a", "b"}, 5);
  ItemSampler sampler(workload, Split::kHeldOut, 3);
  for (const std::size_t item : Draw(sampler, {}, 50)) {
    EXPECT_EQ(workload.items[item].split, Split::kHeldOut);
  }
}

TEST(ItemSamplerTest, RepeatsItselfForASeedAndOnlyForIt) {
  const Workload workload = WorkloadOf({"a", "b"}, 10);
  ItemSampler one(workload, Split::kTune, 5), same(workload, Split::kTune, 5),
      other(workload, Split::kTune, 6);
  const std::vector<std::size_t> drawn = Draw(one, {}, 30);
  EXPECT_EQ(drawn, Draw(same, {}, 30));
  EXPECT_NE(drawn, Draw(other, {}, 30));
}

TEST(ItemSamplerTest, NamesAClassThatIsNotThere) {
  const Workload workload = WorkloadOf({"a", "b"}, 2);
  const Status status = ItemSampler(workload, Split::kTune, 1).CanDraw(*ParseMix("a=1,z=1"));
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("\"z\""), std::string::npos);
  EXPECT_NE(status.error().message.find("a, b"), std::string::npos);
}

TEST(ItemSamplerTest, RefusesAnEmptySplit) {
  EXPECT_FALSE(ItemSampler(Workload{}, Split::kTune, 1).CanDraw({}));
}

}  // namespace
}  // namespace turbospec
