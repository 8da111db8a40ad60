// What a pass would have taken, from the times in the log itself: the median of the same shape
// where it was measured, else a line between its neighbours. An estimate, and it knows how often it
// was one. Fed by a first reading of the log (Add), then asked (Of). Memory: one number a pass.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "control/step_record.h"

namespace turbospec {

struct ReplayShape {
  int sequences = 0;
  int rows = 0;
  int passes = 0;

  friend auto operator<=>(const ReplayShape&, const ReplayShape&) = default;
};

struct PassEstimate {
  Seconds seconds{0};
  bool measured = false;  // this very shape is in the log
};

// The passes of one model.
class PassTimes {
 public:
  void Add(const PassTiming& pass);
  // After the last Add.
  void Finish();
  // 0 s for a shape without rows, or where the log has no pass at all.
  PassEstimate Of(const ReplayShape& shape) const;

 private:
  struct Point {
    int rows = 0;
    double seconds = 0;
  };
  using Curve = std::vector<Point>;  // rows ascending

  const Curve& NearestCurve(int passes, int& distance) const;
  double OnCurve(const Curve& curve, int rows) const;
  void FitLine();

  std::map<ReplayShape, std::vector<double>> samples_;
  std::map<ReplayShape, double> medians_;
  std::map<int, Curve> curves_;  // by number of passes
  double per_pass_ = 0;
  double per_row_ = 0;
};

struct ReplayCosts {
  PassTimes target{};
  PassTimes draft{};

  void Add(const StepRecord& record);
  void Finish();
};

}  // namespace turbospec
