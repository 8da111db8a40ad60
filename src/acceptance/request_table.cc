#include "acceptance/request_table.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "core/random.h"

namespace turbospec {

RequestTable::RequestTable(int reserved)
    : cells_(std::bit_ceil(2 * static_cast<std::size_t>(std::max(reserved, 4)))) {
  free_.reserve(cells_.size() / 2);
}

std::size_t RequestTable::Home(RequestId request) const {
  return MixBits(request) & (cells_.size() - 1);
}

std::size_t RequestTable::CellOf(RequestId request) const {
  std::size_t cell = Home(request);
  while (cells_[cell].index != kAbsent && cells_[cell].request != request) cell = Next(cell);
  return cell;
}

int RequestTable::Find(RequestId request) const {
  return cells_[CellOf(request)].index;
}

int RequestTable::Insert(RequestId request) {
  if (2 * (size_ + 1) > cells_.size()) Grow();
  ++size_;
  int index = indexes_;
  if (free_.empty()) {
    ++indexes_;
  } else {
    index = free_.back();
    free_.pop_back();
  }
  cells_[CellOf(request)] = {request, index};
  return index;
}

int RequestTable::Remove(RequestId request) {
  std::size_t hole = CellOf(request);
  const int index = cells_[hole].index;
  if (index == kAbsent) return kAbsent;
  --size_;
  free_.push_back(index);
  // Moves back what would no longer be found behind the hole.
  for (std::size_t cell = Next(hole); cells_[cell].index != kAbsent; cell = Next(cell)) {
    const std::size_t mask = cells_.size() - 1;
    const std::size_t from_home = (cell - Home(cells_[cell].request)) & mask;
    if (from_home < ((cell - hole) & mask)) continue;
    cells_[hole] = cells_[cell];
    hole = cell;
  }
  cells_[hole].index = kAbsent;
  return index;
}

void RequestTable::Grow() {
  std::vector<Cell> old(2 * cells_.size());
  std::swap(old, cells_);
  free_.reserve(cells_.size() / 2);
  for (const Cell& cell : old) {
    if (cell.index != kAbsent) cells_[CellOf(cell.request)] = cell;
  }
}

}  // namespace turbospec
