#include "core/statistics.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

TEST(Quantile, InterpolatesBetweenOrderStatistics) {
  EXPECT_DOUBLE_EQ(Quantile({10, 1, 3, 2}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(Quantile({10, 1, 3, 2}, 0.0), 1.0);
  EXPECT_DOUBLE_EQ(Quantile({10, 1, 3, 2}, 1.0), 10.0);
  EXPECT_DOUBLE_EQ(Quantile({1, 2, 3}, 0.25), 1.5);
}

TEST(Quantile, OfOneOrNoValue) {
  EXPECT_DOUBLE_EQ(Quantile({7}, 0.9), 7.0);
  EXPECT_DOUBLE_EQ(Quantile({}, 0.5), 0.0);
}

}  // namespace
}  // namespace turbospec
