// Time of a pass by one size (rows, or sequences), as vLLM's adaptive verification tables it at
// start-up: between the sizes that were measured it is a staircase, since execution pads up to the
// next one; in the tail above them it is interpolated, beyond the tail extended in a straight line.
// Forced monotone. Value; a look-up is a binary search over some 40 sizes.
#pragma once

#include <functional>
#include <vector>

#include "turbospec/types.h"

namespace turbospec {

class CostStaircase {
 public:
  // `measured` sizes, ascending from >= 1 and not empty; the tail is 1.5 times the largest and then
  // its doublings, up to `most`.
  CostStaircase(const std::vector<int>& measured, int most,
                const std::function<Seconds(int size)>& measure);

  // 0 for size 0.
  Seconds At(int size) const;

 private:
  struct Point {
    int size = 0;
    double seconds = 0;
  };

  Seconds Beyond(int size) const;

  std::vector<Point> points_;  // ascending
  std::size_t treads_ = 0;     // of these, how many belong to the staircase
};

}  // namespace turbospec
