#include "proposers/prompt_lookup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "core/random.h"

namespace turbospec {
namespace {

using Tokens = std::vector<TokenId>;

bool SameTokens(const Tokens& tokens, int end_a, int end_b, int length) {
  for (int i = 0; i < length; ++i) {
    if (end_a - i < 0 || end_b - i < 0) return false;
    if (tokens[static_cast<std::size_t>(end_a - i)] != tokens[static_cast<std::size_t>(end_b - i)])
      return false;
  }
  return true;
}

// The definition, by scanning: all earlier places of the longest repeated suffix.
NgramMatch MatchByScan(const Tokens& tokens, int min_length, int max_length) {
  const int last = static_cast<int>(tokens.size()) - 1;
  for (int length = max_length; length >= min_length; --length) {
    std::map<TokenId, std::pair<int, int>> next;  // token -> (places, latest position)
    int places = 0;
    for (int end = 0; end < last; ++end) {
      if (!SameTokens(tokens, end, last, length)) continue;
      ++places;
      auto& [count, latest] = next[tokens[static_cast<std::size_t>(end) + 1]];
      ++count;
      latest = end + 1;
    }
    if (places == 0) continue;
    std::pair<int, int> best;
    for (const auto& [token, candidate] : next) best = std::max(best, candidate);
    return {length, places, best.first, best.second};
  }
  return {};
}

// How often the tokens before `at` stand with a continuation, and with the token at `at`.
NgramMatch StatisticsByScan(const Tokens& tokens, int at, int length) {
  NgramMatch found{.length = length, .continuation = at};
  for (int end = 0; end + 1 < static_cast<int>(tokens.size()); ++end) {
    if (!SameTokens(tokens, end, at - 1, length)) continue;
    ++found.occurrences;
    found.agreeing +=
        tokens[static_cast<std::size_t>(end) + 1] == tokens[static_cast<std::size_t>(at)] ? 1 : 0;
  }
  return found;
}

class PromptLookupTest : public testing::Test {
 protected:
  void Start(const Tokens& prompt) { lookup.Start(0, prompt); }

  Tokens Propose(int limit) {
    proposal.Clear();
    ProposalTask task{.slot = 0, .tokens = {}, .limit = limit, .proposal = &proposal};
    EXPECT_TRUE(lookup.Propose({&task, 1}, 0, nullptr, passes).ok());
    return proposal.tokens;
  }

  PromptLookup lookup{{}, 2};
  Proposal proposal;
  std::vector<PassTiming> passes;
};

TEST_F(PromptLookupTest, ProposesNothingWithoutARepeatedSuffix) {
  Start({1, 2, 3, 4});
  EXPECT_EQ(lookup.Match(0).length, 0);
  EXPECT_EQ(lookup.Match(0).available, 0);
  EXPECT_EQ(Propose(4), Tokens{});
}

TEST_F(PromptLookupTest, OneRepeatedTokenIsNoMatch) {
  Start({1, 2, 3, 1});
  EXPECT_EQ(Propose(4), Tokens{});
}

TEST_F(PromptLookupTest, TakesTheMostFrequentContinuation) {
  Start({1, 2, 7, 1, 2, 7, 1, 2, 9, 1, 2});
  const LookupMatch match = lookup.Match(0);
  EXPECT_EQ(match.length, 2);
  EXPECT_EQ(match.occurrences, 3);
  EXPECT_EQ(match.agreeing, 2);
  EXPECT_EQ(Propose(3), (Tokens{7, 1, 2}));
}

TEST_F(PromptLookupTest, TakesTheMostRecentAmongEquallyFrequent) {
  Start({1, 2, 9, 5, 1, 2, 7, 6, 1, 2});
  EXPECT_EQ(Propose(2), (Tokens{7, 6}));
}

TEST_F(PromptLookupTest, ALongerMatchBeatsAMoreFrequentOne) {
  Start({4, 1, 2, 9, 1, 2, 7, 1, 2, 7, 4, 1, 2});
  EXPECT_EQ(lookup.Match(0).length, 3);
  EXPECT_EQ(Propose(1), Tokens{9});
}

TEST_F(PromptLookupTest, GoesRoundInALoop) {
  Start({5, 1, 2, 1, 2, 1, 2});
  EXPECT_EQ(Propose(5), (Tokens{1, 2, 1, 2, 1}));
  EXPECT_EQ(proposal.evidence.size(), 5u);
  EXPECT_EQ(proposal.q.size(), 5u);
}

TEST_F(PromptLookupTest, EvidenceGrowsWithTheCopiedContext) {
  Start({1, 2, 3, 4, 8, 2, 3, 5, 1, 2});
  ASSERT_EQ(Propose(3), (Tokens{3, 4, 8}));
  EXPECT_EQ(proposal.evidence[0].match_length, 2);
  EXPECT_EQ(proposal.evidence[1].match_length, 3);
  EXPECT_EQ(proposal.evidence[1].occurrences, 1);  // "1 2 3" stands once
  EXPECT_EQ(proposal.evidence[2].match_length, 4);
  EXPECT_TRUE(proposal.q[0].empty());
}

TEST_F(PromptLookupTest, CommittedTokensAreSearchedToo) {
  Start({1, 2, 3});
  lookup.Commit(0, Tokens{1, 2, 3, 1, 2});
  EXPECT_EQ(Propose(1), Tokens{3});
}

TEST_F(PromptLookupTest, ANewRequestForgetsTheOld) {
  Start({1, 2, 3, 1, 2});
  Start({4, 1, 2});
  EXPECT_EQ(Propose(1), Tokens{});
}

TEST_F(PromptLookupTest, PeekShowsWhatItWouldPropose) {
  for (const Tokens& prompt :
       {Tokens{1, 2, 3, 9, 1, 2}, Tokens{5, 6, 5, 6, 5, 6}, Tokens{1, 2, 3}}) {
    Start(prompt);
    Tokens peeked = {77};
    lookup.Peek(0, 5, peeked);
    EXPECT_EQ(peeked, Propose(5));
  }
}

TEST_F(PromptLookupTest, SlotsAreSeparate) {
  lookup.Start(0, Tokens{1, 2, 3});
  lookup.Start(1, Tokens{4, 1, 2});
  EXPECT_EQ(lookup.Match(1).length, 0);
}

TEST_F(PromptLookupTest, LeavesAProposalThatHasTokens) {
  Start({1, 2, 3, 1, 2});
  proposal.tokens = {9};
  ProposalTask task{.slot = 0, .tokens = {}, .limit = 4, .proposal = &proposal};
  EXPECT_TRUE(lookup.Propose({&task, 1}, 0, nullptr, passes).ok());
  EXPECT_EQ(proposal.tokens, Tokens{9});
  EXPECT_TRUE(passes.empty());
}

TEST(PromptLookupOptions, RefusesLengthsThatMakeNoSense) {
  EXPECT_TRUE(Validate(PromptLookupOptions{}).ok());
  EXPECT_FALSE(Validate(PromptLookupOptions{.max_match = 0}).ok());
  EXPECT_FALSE(Validate(PromptLookupOptions{.max_match = 3, .min_match = 4}).ok());
  EXPECT_FALSE(Validate(PromptLookupOptions{.max_proposal = 0}).ok());
}

TEST(NgramIndex, AgreesWithScanningOnRandomSequences) {
  RandomStream random(5);
  for (int round = 0; round < 150; ++round) {
    const int max_length = 1 + static_cast<int>(random.Bits() % 6);
    const int min_length = 1 + static_cast<int>(random.Bits() % static_cast<unsigned>(max_length));
    const std::uint64_t alphabet = 1 + random.Bits() % 4;
    NgramIndex index(max_length);
    for (int i = 0; i < 80; ++i) {
      index.Append(static_cast<TokenId>(random.Bits() % alphabet));
      const NgramMatch match = index.MatchSuffix(min_length);
      const NgramMatch expected = MatchByScan(index.tokens(), min_length, max_length);
      ASSERT_EQ(match.length, expected.length);
      ASSERT_EQ(match.occurrences, expected.occurrences);
      ASSERT_EQ(match.agreeing, expected.agreeing);
      ASSERT_EQ(match.continuation, expected.continuation);
      const int at = static_cast<int>(random.Bits() % static_cast<unsigned>(i + 1));
      const int length = std::min(at, max_length);
      if (length == 0) continue;
      const NgramMatch place = index.StatisticsAt(at, length);
      const NgramMatch scanned = StatisticsByScan(index.tokens(), at, length);
      ASSERT_EQ(place.occurrences, scanned.occurrences) << "at " << at << " of " << i;
      ASSERT_EQ(place.agreeing, scanned.agreeing);
    }
  }
}

TEST(NgramIndex, GrowsBeyondItsFirstTable) {
  RandomStream random(6);
  NgramIndex index(8);
  for (int i = 0; i < 3000; ++i) index.Append(static_cast<TokenId>(random.Bits() % 300));
  const NgramMatch match = index.MatchSuffix(1);
  const NgramMatch expected = MatchByScan(index.tokens(), 1, 8);
  EXPECT_EQ(match.length, expected.length);
  EXPECT_EQ(match.occurrences, expected.occurrences);
  EXPECT_EQ(match.continuation, expected.continuation);
}

}  // namespace
}  // namespace turbospec
