#include "bench/scaled/held_out_prompts.h"

#include <gtest/gtest.h>

#include "workload/workload_fixture.h"

namespace turbospec {
namespace {

std::vector<std::string> Ids(const std::vector<WorkloadItem>& items) {
  std::vector<std::string> ids;
  for (const WorkloadItem& item : items) ids.push_back(item.id);
  return ids;
}

using Names = std::vector<std::string>;

TEST(HeldOutInTurn, TakesFromEveryClassInTurn) {
  const Workload workload = WorkloadOf({"b", "a"}, 3);
  EXPECT_EQ(Ids(HeldOutInTurn(workload, 3)),
            (Names{"a-held_out-0", "b-held_out-0", "a-held_out-1"}));
}

TEST(HeldOutInTurn, GoesOnWithTheLongerClassWhenTheOtherHasNoMore) {
  Workload workload = WorkloadOf({"a"}, 3);
  const Workload other = WorkloadOf({"b"}, 1);
  workload.items.insert(workload.items.end(), other.items.begin(), other.items.end());
  EXPECT_EQ(Ids(HeldOutInTurn(workload, 10)),
            (Names{"a-held_out-0", "b-held_out-0", "a-held_out-1", "a-held_out-2"}));
}

TEST(HeldOutInTurn, NeverTakesWhatIsThereToTuneOn) {
  Workload workload = WorkloadOf({"a"}, 2);
  for (WorkloadItem& item : workload.items) item.split = Split::kTune;
  EXPECT_TRUE(HeldOutInTurn(workload, 5).empty());
}

}  // namespace
}  // namespace turbospec
