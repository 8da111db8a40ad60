// An incremental index of the n-grams of one growing token sequence: which continuation followed
// the current suffix most often, for every n up to a limit. Append costs O(limit) amortised and
// never rescans; asking about the current suffix costs O(limit) and allocates nothing.
//
// A trie of the n-grams read backwards: the node of an n-gram is the child of the node of its last
// n-1 tokens. The key (parent, token) identifies the n-gram exactly, so there are no false hits. A
// node gets children only when its n-gram comes a second time, so that memory follows what repeats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "turbospec/types.h"

namespace turbospec {

// Where the longest repeated suffix stood before, and what followed it.
struct NgramMatch {
  int length = 0;        // tokens of the suffix; 0 = nothing repeats
  int occurrences = 0;   // earlier places where it stands (each has a continuation)
  int agreeing = 0;      // of these, the places that go on with the chosen token
  int continuation = 0;  // position of the chosen token: the latest place where it followed
};

class NgramIndex {
 public:
  // REQUIRES: 1 <= max_length <= 30.
  explicit NgramIndex(int max_length);

  void Clear();
  void Append(TokenId token);

  const std::vector<TokenId>& tokens() const { return tokens_; }

  // The longest suffix of at least `min_length` tokens that stood before; its most frequent next
  // token, the most recent among equals.
  NgramMatch MatchSuffix(int min_length) const;

  // How often the `length` tokens before position `at` stand in the sequence with a continuation,
  // and how often the token at `at` is what follows. REQUIRES: length <= at < tokens().size(),
  // length <= max_length.
  NgramMatch StatisticsAt(int at, int length) const;

 private:
  struct Node {
    int count = 0;       // places where the n-gram stands
    int best_count = 0;  // how often the most frequent continuation followed
    int best_end = 0;    // last token of the latest place that it followed
  };
  struct Entry {
    std::uint64_t key = 0;  // 0 = free
    int node = 0;
  };
  static constexpr int kRoot = 0;
  static constexpr int kNone = -1;

  Node& NodeAt(int node) { return nodes_[static_cast<std::size_t>(node)]; }
  const Node& NodeAt(int node) const { return nodes_[static_cast<std::size_t>(node)]; }
  TokenId TokenAt(int position) const { return tokens_[static_cast<std::size_t>(position)]; }
  int last() const { return static_cast<int>(tokens_.size()) - 1; }

  std::size_t Probe(std::uint64_t key) const;
  int Find(int parent, TokenId token) const;
  int Insert(int parent, TokenId token, const Node& node);
  void Grow();

  void EnterSuffixes();
  void CountContinuations();
  // The node of the `length` tokens that end at `end`; kNone when it stands there only.
  int NodeOfPlace(int end, int length) const;

  int max_length_;
  std::vector<TokenId> tokens_;
  std::vector<Node> nodes_;
  std::vector<Entry> table_;
  std::vector<int> suffix_;    // nodes of the current suffixes by length; [0] is the root
  std::vector<int> previous_;  // the same one token ago
};

}  // namespace turbospec
