#include "control/fresh_stretch.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

TEST(FreshStretch, NeedsTheDraftToTheEndWhereNothingIsCopied) {
  FreshStretch stretch;
  for (int step = 0; step < 50; ++step) stretch.Learn(false, 2);
  EXPECT_EQ(stretch.Left(300), 300);
}

TEST(FreshStretch, EndsWhereLookupUsuallyTakesOver) {
  FreshStretch stretch;
  for (int i = 0; i < 200; ++i) {
    stretch.Learn(true, 15);
    for (int step = 0; step < 5; ++step) stretch.Learn(false, 2);
  }
  stretch.Learn(true, 15);
  EXPECT_NEAR(stretch.Left(300), 10, 3);
  stretch.Learn(false, 4);
  EXPECT_NEAR(stretch.Left(300), 6, 3);
  EXPECT_EQ(stretch.Left(2), 2);
}

}  // namespace
}  // namespace turbospec
