#include "control/prompt_queue.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

TEST(PromptQueue, OneAtATimeWaitsForNothing) {
  PromptQueue queue;
  queue.Step(0);
  EXPECT_EQ(queue.waiting(), 0);
  queue.Step(1);
  EXPECT_EQ(queue.waiting(), 0);
  queue.Step(5);
  EXPECT_EQ(queue.waiting(), 4);
}

TEST(PromptQueue, ABurstFillsTheSlots) {
  PromptQueue queue;
  for (int left = 40; left > 0; --left) {
    queue.Step(left);
    queue.Come();
    EXPECT_EQ(queue.Scarcity(), 0);
  }
}

TEST(PromptQueue, WhoComesAsAnotherLeavesReplacesIt) {
  PromptQueue queue;
  for (int step = 0; step < 300; ++step) {
    queue.Step(20);
    if (step % 2 == 0) queue.Come(), queue.Leave();
  }
  EXPECT_GT(queue.Scarcity(), 0.9);
  // They leave faster than they come: the slots empty.
  for (int step = 0; step < 100; ++step) {
    queue.Step(20);
    queue.Leave();
  }
  EXPECT_EQ(queue.Scarcity(), 1);
}

TEST(PromptQueue, StepsAreNotScarceWhilePromptsSeldomWait) {
  PromptQueue queue;
  for (int step = 0; step < 300; ++step) {
    queue.Step(step % 8 == 0 ? 2 : 0);
    if (step % 2 == 0) queue.Come(), queue.Leave();
  }
  EXPECT_LT(queue.Scarcity(), 0.4);
}

}  // namespace
}  // namespace turbospec
