// What a pass of each model costs at the current contexts, remembered by shape, so that a search
// over hundreds of shapes costs a table look-up each. The source (a cost model) is asked once per
// shape until Refresh. Knows the shape of the model's last pass, since another one behind it costs
// more. Engine thread; owned by the controller.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "control/controller_inputs.h"

namespace turbospec {

class PassPrices {
 public:
  explicit PassPrices(PassCost cost) : cost_(std::move(cost)) {}

  // Forgets what it remembers: the cost model has learned, or contexts have moved.
  void Refresh(double mean_context);
  double mean_context() const { return mean_context_; }

  // What a pass costs on top when the one before had another shape. Seconds, >= 0.
  void SetShapeChange(double seconds) { shape_change_ = seconds; }
  void SetLastPass(int sequences, int rows) { last_ = {sequences, rows}; }
  // Passes of another shape than the one before: 1 or 0.
  int Changes(int sequences, int rows) const { return last_ == std::pair(sequences, rows) ? 0 : 1; }

  // Of the next pass, and of one right behind a pass of another shape. One row each is what is
  // returned to in any case, sooner or later: that change is on the account of who left it.
  double First(int sequences, int rows) {
    const bool free = rows == sequences || Changes(sequences, rows) == 0;
    return Of(sequences, rows) + (free ? 0 : shape_change_);
  }
  double Changed(int sequences, int rows) { return Of(sequences, rows) + shape_change_; }

  // Behind one of its own shape. Seconds; 0 for no rows. Never less than with one row each: a cost
  // model that has learned of the one at a quick time and of the other at a slow one would else
  // keep speculating, and not find out.
  double Of(int sequences, int rows) {
    if (rows <= 0) return 0;
    if (rows > kMostRemembered) return AtLeastPlain(sequences, rows);
    const auto at = static_cast<std::size_t>(sequences);
    if (at >= known_.size()) known_.resize(at + 1);
    std::vector<double>& by_rows = known_[at];
    const auto row = static_cast<std::size_t>(rows);
    if (row >= by_rows.size()) by_rows.resize(row + 1 + row / 2, kUnknown);
    if (by_rows[row] < 0) by_rows[row] = AtLeastPlain(sequences, rows);
    return by_rows[row];
  }

 private:
  static constexpr double kUnknown = -1;
  // Catching up with long texts has row counts that hardly come twice, and a table for them would
  // outgrow everything else.
  static constexpr int kMostRemembered = 16384;
  double Ask(int sequences, int rows) const;
  double AtLeastPlain(int sequences, int rows) {
    const double asked = Ask(sequences, rows);
    return rows > sequences ? std::max(asked, Of(sequences, sequences)) : asked;
  }

  PassCost cost_;
  double mean_context_ = 0;
  double shape_change_ = 0;
  std::pair<int, int> last_{};              // sequences, rows
  std::vector<std::vector<double>> known_;  // [sequences][rows]
};

}  // namespace turbospec
