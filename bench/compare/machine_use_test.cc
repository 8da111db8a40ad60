#include "bench/compare/machine_use.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace turbospec::compare {
namespace {

TEST(MachineUse, CountsWhatIsNotIdle) {
  //                              user nice system idle iowait irq softirq steal guest
  EXPECT_DOUBLE_EQ(TicksInUse("cpu  100 20 30 9999 888 4 5 6 50 0\ncpu0 1 2 3\n"), 165);
  EXPECT_DOUBLE_EQ(TicksInUse(""), 0);
  EXPECT_DOUBLE_EQ(TicksInUse("no such file"), 0);
}

TEST(MachineUse, FindsTheTimesBehindANameOfAnyKind) {
  EXPECT_DOUBLE_EQ(
      TicksOfProcess("12 (a) b (c)) S 1 12 12 0 -1 4194560 1 0 0 0 70 8 0 0 20 0 1 0 5"), 78);
  EXPECT_DOUBLE_EQ(TicksOfProcess("12 (short) S 1"), 0);
  EXPECT_DOUBLE_EQ(TicksOfProcess(""), 0);
}

TEST(MachineUse, IsWhatOthersTook) {
  const MachineUse before{.all_ticks = 1000, .ours_ticks = 500};
  EXPECT_DOUBLE_EQ(ForeignCores(before, {.all_ticks = 1300, .ours_ticks = 600}, Seconds(2), 100),
                   1);
  // Ticks are rounded; there is no negative use.
  EXPECT_DOUBLE_EQ(ForeignCores(before, {.all_ticks = 1000, .ours_ticks = 501}, Seconds(2), 100),
                   0);
  EXPECT_DOUBLE_EQ(ForeignCores(before, {.all_ticks = 1300, .ours_ticks = 600}, Seconds(0), 100),
                   0);
}

TEST(MachineUse, OfThisMachineGrowsWithTime) {
  const MachineUse use = ReadMachineUse(::getpid());
  EXPECT_GT(use.all_ticks, 0);
  EXPECT_GE(use.all_ticks, use.ours_ticks / 2);  // this process is counted twice here
}

}  // namespace
}  // namespace turbospec::compare
