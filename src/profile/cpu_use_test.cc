#include "profile/cpu_use.h"

#include <gtest/gtest.h>

#include "profile/machine.h"

namespace turbospec {
namespace {

TEST(CpuUse, CountsTheCoresOfOthers) {
  const CpuUse before = {.everybody = Seconds(100), .own = Seconds(10)};
  const CpuUse after = {.everybody = Seconds(115), .own = Seconds(20)};
  EXPECT_NEAR(CoresOfOthers(before, after, Seconds(10)), 0.5, 1e-9);
  EXPECT_EQ(CoresOfOthers(before, after, Seconds(0)), 0);
  // Ticks are coarse: own time may seem to exceed everybody's.
  EXPECT_EQ(CoresOfOthers(before, {.everybody = Seconds(105), .own = Seconds(20)}, Seconds(5)), 0);
}

TEST(CpuUse, OnlyGrows) {
  const auto before = ReadCpuUse();
  if (!before) GTEST_SKIP() << "the system does not tell";
  volatile double work = 0;
  for (int i = 0; i < 1'000'000; ++i) work = work + i;
  const auto after = ReadCpuUse();
  ASSERT_TRUE(after);
  EXPECT_GE(after->everybody, before->everybody);
  EXPECT_GT(after->own, before->own);
}

TEST(Machine, HasANameAndCores) {
  EXPECT_FALSE(ThisMachine().processor.empty());
  EXPECT_GE(ThisMachine().cores, 1);
}

}  // namespace
}  // namespace turbospec
