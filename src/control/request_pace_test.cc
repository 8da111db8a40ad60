#include "control/request_pace.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

TEST(RequestPace, ATokenIsWorthMoreWhereTextIsSlow) {
  RequestPace pace;
  EXPECT_EQ(pace.Worth(true), 1);
  // Copied text comes at 15 tokens a step, new text at one.
  for (int step = 0; step < 200; ++step) {
    const bool copied = step % 4 == 0;
    pace.Learn(copied, copied ? 15 : 1, 0.01);
  }
  EXPECT_GT(pace.Worth(false), 3);
  EXPECT_LT(pace.Worth(true), 0.5);
}

TEST(RequestPace, TextThatIsAlikeEverywhereIsWorthOne) {
  RequestPace pace;
  for (int step = 0; step < 200; ++step) pace.Learn(step % 3 == 0, 4, 0.01);
  EXPECT_NEAR(pace.Worth(false), 1, 1e-9);
  EXPECT_NEAR(pace.Worth(true), 1, 1e-9);
}

TEST(RequestPace, ForgetsHowTheTextBegan) {
  RequestPace pace;
  for (int step = 0; step < 300; ++step) pace.Learn(true, 15, 0.01);
  for (int step = 0; step < 2000; ++step) pace.Learn(false, 2, 0.01);
  EXPECT_NEAR(pace.Worth(false), 1, 0.02);
}

}  // namespace
}  // namespace turbospec
