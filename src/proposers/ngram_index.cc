#include "proposers/ngram_index.h"

#include <algorithm>
#include <utility>

#include "core/random.h"

namespace turbospec {
namespace {

constexpr std::size_t kFirstTableSize = 1024;

// Never 0, which marks a free entry.
std::uint64_t KeyOf(int parent, TokenId token) {
  return (static_cast<std::uint64_t>(parent) + 1) << 32 | static_cast<std::uint32_t>(token);
}

}  // namespace

NgramIndex::NgramIndex(int max_length) : max_length_(max_length) {
  Clear();
}

void NgramIndex::Clear() {
  tokens_.clear();
  nodes_.assign(1, Node{});
  table_.assign(kFirstTableSize, Entry{});
  suffix_.assign(1, kRoot);
  previous_.clear();
}

void NgramIndex::Append(TokenId token) {
  tokens_.push_back(token);
  std::swap(previous_, suffix_);
  EnterSuffixes();
  CountContinuations();
}

// Counts the 1-, 2-, … grams that end with the new token. An n-gram seen before had one node for
// all its longer forms; on its second place the first place gets its own child, so that from then
// on the children count every place. One level more than is matched: those nodes count how often a
// continuation followed.
void NgramIndex::EnterSuffixes() {
  const int end = last();
  suffix_.assign(1, kRoot);
  for (int length = 1; length <= std::min(max_length_ + 1, end + 1); ++length) {
    const int parent = suffix_.back();
    if (parent != kRoot) {
      const Node seen = NodeAt(parent);
      if (seen.count == 1) return;
      const int first_end = seen.best_end;  // while there was one place, it was the best
      if (seen.count == 2 && first_end - length + 1 >= 0) {
        Insert(parent, TokenAt(first_end - length + 1), {1, 1, first_end});
      }
    }
    const TokenId token = TokenAt(end - length + 1);
    int node = Find(parent, token);
    if (node == kNone) {
      node = Insert(parent, token, {1, 0, end});
    } else {
      ++NodeAt(node).count;
    }
    suffix_.push_back(node);
  }
}

// The suffixes of one token ago now have a continuation. Among equally frequent ones the newest
// wins, because it is the one whose count rose last.
void NgramIndex::CountContinuations() {
  const int most = std::min(max_length_, static_cast<int>(previous_.size()) - 1);
  for (int length = 1; length <= most; ++length) {
    const auto longer = static_cast<std::size_t>(length) + 1;
    const int followed = longer < suffix_.size() ? NodeAt(suffix_[longer]).count : 1;
    Node& node = NodeAt(previous_[static_cast<std::size_t>(length)]);
    if (followed < node.best_count) continue;
    node.best_count = followed;
    node.best_end = last() - 1;
  }
}

NgramMatch NgramIndex::MatchSuffix(int min_length) const {
  const int longest = std::min(max_length_, static_cast<int>(suffix_.size()) - 1);
  for (int length = longest; length >= std::max(1, min_length); --length) {
    const Node& node = NodeAt(suffix_[static_cast<std::size_t>(length)]);
    if (node.count < 2) continue;
    return {length, node.count - 1, node.best_count, node.best_end + 1};
  }
  return {};
}

NgramMatch NgramIndex::StatisticsAt(int at, int length) const {
  const int context = NodeOfPlace(at - 1, length);
  const int followed = NodeOfPlace(at, length + 1);
  const auto depth = static_cast<std::size_t>(length);
  const bool is_suffix = depth < suffix_.size() && suffix_[depth] == context;
  return {.length = length,
          .occurrences = context == kNone ? 1 : NodeAt(context).count - (is_suffix ? 1 : 0),
          .agreeing = followed == kNone ? 1 : NodeAt(followed).count,
          .continuation = at};
}

int NgramIndex::NodeOfPlace(int end, int length) const {
  int node = kRoot;
  for (int i = 0; i < length && node != kNone; ++i) node = Find(node, TokenAt(end - i));
  return node;
}

std::size_t NgramIndex::Probe(std::uint64_t key) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t i = MixBits(key) & mask;
  while (table_[i].key != 0 && table_[i].key != key) i = (i + 1) & mask;
  return i;
}

int NgramIndex::Find(int parent, TokenId token) const {
  const Entry& entry = table_[Probe(KeyOf(parent, token))];
  return entry.key == 0 ? kNone : entry.node;
}

int NgramIndex::Insert(int parent, TokenId token, const Node& node) {
  if (2 * nodes_.size() > table_.size()) Grow();
  const auto index = static_cast<int>(nodes_.size());
  nodes_.push_back(node);
  const std::uint64_t key = KeyOf(parent, token);
  table_[Probe(key)] = {key, index};
  return index;
}

void NgramIndex::Grow() {
  std::vector<Entry> old(2 * table_.size());
  std::swap(old, table_);
  for (const Entry& entry : old) {
    if (entry.key != 0) table_[Probe(entry.key)] = entry;
  }
}

}  // namespace turbospec
