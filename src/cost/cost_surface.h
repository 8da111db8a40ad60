// T(shape): what one pass of a model takes, from a grid of measurements. Made once from a profile
// (or from a formula, in simulation), then read by cost model, planner and simulator. Immutable and
// safe to share between threads. A lookup allocates nothing and costs some 10-20 ns.
//
// Two grids: `one` holds passes of a single sequence, `spread` passes of as many sequences as there
// are slots (rows <= slots: one row of each; more: equally many of each). A pass of s sequences
// lies between them by ln(s) / ln(most sequences that n rows could have).
// In rows, each grid is made monotone by the nearest monotone curve (least absolute deviations), so
// that noise cannot make a longer pass look cheaper; a cumulative maximum would let one slow
// outlier raise all points after it. Between its points it is linear; steps stay steps. Beyond the
// last row count it goes on with the mean slope of the upper half, beyond the contexts with the
// slope of the nearest segment; slopes of an extrapolation are never negative.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/result.h"
#include "cost/pass_shape.h"

namespace turbospec {

// seconds[c * rows.size() + r] belongs to contexts[c] and rows[r]; raw, as measured.
struct CostGrid {
  std::vector<double> contexts{};
  std::vector<int> rows{};
  std::vector<Seconds> seconds{};
  std::vector<char> measured{};  // as seconds; 0 = inferred from its neighbours

  Seconds at(std::size_t context, std::size_t row) const {
    return seconds[context * rows.size() + row];
  }
  friend bool operator==(const CostGrid&, const CostGrid&) = default;
};

struct CostTables {
  CostGrid one{};
  CostGrid spread{};         // no rows where the model has one slot only
  int spread_sequences = 1;  // the slots

  // Sequences of the pass that the spread grid holds for `rows`.
  int SequencesAt(int rows) const { return rows < spread_sequences ? rows : spread_sequences; }
  friend bool operator==(const CostTables&, const CostTables&) = default;
};

// kInvalidArgument names the grid and what is wrong with it: sizes that do not fit, rows or
// contexts not ascending, times that are not positive and finite.
Status Validate(const CostTables& tables);

// The tables of a model that takes `seconds(shape)`: for simulated machines and tests.
CostTables TablesOf(const std::function<Seconds(const PassShape&)>& seconds,
                    std::span<const double> contexts, std::span<const int> rows,
                    int spread_sequences);

// Every point of both grids as a sample, raw; measured ones only if asked.
std::vector<CostSample> SamplesOf(const CostTables& tables, bool measured_only);

class CostSurface {
 public:
  static Result<CostSurface> Create(CostTables tables);

  // 0 for a shape without rows.
  Seconds At(const PassShape& shape) const;

  const CostTables& tables() const { return tables_; }

 private:
  // One grid row by row count, 0..last, plus the slope beyond: the lookup needs no search.
  struct Curve {
    std::vector<double> by_rows;  // seconds
    double slope = 0;             // seconds per row beyond
  };
  struct Form {
    std::vector<double> contexts;
    std::vector<Curve> curves;  // one per context
  };

  explicit CostSurface(CostTables tables);
  static Form MakeForm(const CostGrid& grid);
  static double At(const Curve& curve, int rows);
  static double At(const Form& form, int rows, double context);
  double SpreadShare(const PassShape& shape) const;

  CostTables tables_;
  Form one_;
  Form spread_;
  std::vector<double> logarithms_;  // ln(i)
};

}  // namespace turbospec
