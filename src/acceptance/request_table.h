// Which index belongs to which request: a hash table that allocates only while it grows, and hands
// out freed indexes again, lowest work first. Look-up, insertion and removal cost one or two cache
// lines.
#pragma once

#include <cstddef>
#include <vector>

#include "turbospec/types.h"

namespace turbospec {

class RequestTable {
 public:
  explicit RequestTable(int reserved);

  static constexpr int kAbsent = -1;
  int Find(RequestId request) const;

  // REQUIRES: absent. Indexes are dense from 0; a removed one is used again first.
  int Insert(RequestId request);

  // The index that became free, or kAbsent.
  int Remove(RequestId request);

 private:
  struct Cell {
    RequestId request = 0;
    int index = kAbsent;
  };

  std::size_t Home(RequestId request) const;
  std::size_t Next(std::size_t cell) const { return (cell + 1) & (cells_.size() - 1); }
  std::size_t CellOf(RequestId request) const;  // its cell, or the empty one where it would go
  void Grow();

  std::vector<Cell> cells_;  // power of two, at most half full, linear probing
  std::vector<int> free_;
  int indexes_ = 0;  // handed out so far
  std::size_t size_ = 0;
};

}  // namespace turbospec
