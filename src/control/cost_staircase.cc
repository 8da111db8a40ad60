#include "control/cost_staircase.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace turbospec {

CostStaircase::CostStaircase(const std::vector<int>& measured, int most,
                             const std::function<Seconds(int size)>& measure) {
  std::vector<int> sizes = measured;
  treads_ = sizes.size();
  const int largest = sizes.back();
  if (largest < most) sizes.push_back(std::min(most, largest + std::max(1, largest / 2)));
  for (int size = largest; size < most;) {
    size = size > most / 2 ? most : size * 2;
    if (size > sizes.back()) sizes.push_back(size);
  }
  double highest = 0;
  for (const int size : sizes) {
    highest = std::max(highest, measure(size).count());
    points_.push_back({.size = size, .seconds = highest});
  }
}

Seconds CostStaircase::At(int size) const {
  if (size <= 0) return Seconds(0);
  const auto next = std::ranges::lower_bound(points_, size, {}, &Point::size);
  if (next == points_.end()) return Beyond(size);
  const auto index = static_cast<std::size_t>(next - points_.begin());
  // Also the first point of the tail: what lies below it is not blended with the last tread.
  if (index <= treads_) return Seconds(next->seconds);
  const Point& before = *std::prev(next);
  const double share = static_cast<double>(size - before.size) / (next->size - before.size);
  return Seconds(std::lerp(before.seconds, next->seconds, share));
}

Seconds CostStaircase::Beyond(int size) const {
  const Point& last = points_.back();
  if (points_.size() == 1) return Seconds(last.seconds);
  const Point& before = points_[points_.size() - 2];
  const double slope = (last.seconds - before.seconds) / (last.size - before.size);
  return Seconds(last.seconds + slope * (size - last.size));
}

}  // namespace turbospec
