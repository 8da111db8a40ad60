#include "sampling/rejection.h"

#include <gtest/gtest.h>

namespace turbospec {
namespace {

const Distribution kP{.tokens = {0, 1, 2}, .probabilities = {0.5f, 0.25f, 0.25f}};

TEST(VerifyByRejection, AcceptsWithProbabilityPOverQ) {
  const Distribution q{.tokens = {1}, .probabilities = {1.0f}};
  EXPECT_TRUE(VerifyByRejection(kP, q, 1, 0.2499, 0).accepted);
  EXPECT_FALSE(VerifyByRejection(kP, q, 1, 0.25, 0).accepted);
}

TEST(VerifyByRejection, AlwaysAcceptsWhatTheTargetLikesMore) {
  const Distribution q{.tokens = {0, 2}, .probabilities = {0.25f, 0.75f}};
  EXPECT_TRUE(VerifyByRejection(kP, q, 0, 0.999999, 0).accepted);
}

TEST(VerifyByRejection, ResidualIsTheNormalisedExcess) {
  const Distribution q{.tokens = {0, 2}, .probabilities = {0.25f, 0.75f}};
  // Excess {0: .25, 1: .25, 2: none}.
  EXPECT_EQ(VerifyByRejection(kP, q, 2, 0.99, 0.49).token, 0);
  EXPECT_EQ(VerifyByRejection(kP, q, 2, 0.99, 0.51).token, 1);
  EXPECT_EQ(VerifyByRejection(kP, q, 2, 0.99, 0.999999).token, 1);
}

TEST(VerifyByRejection, ACertainProposalLeavesTheRestOfP) {
  EXPECT_TRUE(VerifyByRejection(kP, {}, 0, 0.49, 0).accepted);
  EXPECT_FALSE(VerifyByRejection(kP, {}, 0, 0.51, 0).accepted);
  EXPECT_EQ(VerifyByRejection(kP, {}, 0, 0.51, 0.49).token, 1);
  EXPECT_EQ(VerifyByRejection(kP, {}, 0, 0.51, 0.51).token, 2);
}

TEST(VerifyByRejection, NeverAcceptsWhatTheTargetCannotSay) {
  const Distribution q{.tokens = {7}, .probabilities = {1.0f}};
  const Verdict verdict = VerifyByRejection(kP, q, 7, 0.0, 0.9);
  EXPECT_FALSE(verdict.accepted);
  EXPECT_EQ(verdict.token, 2);
}

TEST(VerifyByRejection, EqualDistributionsAlwaysAccept) {
  for (TokenId token = 0; token < 3; ++token) {
    EXPECT_TRUE(VerifyByRejection(kP, kP, token, 0.9999999, 0).accepted);
  }
}

}  // namespace
}  // namespace turbospec
