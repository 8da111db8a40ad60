// The cost model of the TurboSpec paper, one line per model, fitted offline and never corrected:
//   T = c_kv * N_kv + c_tokens * N + c_seqs * BS + c_fixed
// where N_kv is the attended tokens of all sequences, N the rows and BS the sequences of a pass.
// Used by the `paper` baseline only: a staircase of step times does not fit on a line. Pure values.
#pragma once

#include <span>

#include "core/result.h"
#include "turbospec/types.h"

namespace turbospec {

struct LinearCost {
  Seconds per_kv{0};        // c_kv, per attended token of a sequence
  Seconds per_row{0};       // c_tokens
  Seconds per_sequence{0};  // c_seqs; may be negative, as in the authors' own fits
  Seconds fixed{0};         // c_fixed

  // `context`: mean attended tokens of a sequence. Never negative, however the line runs.
  Seconds Predict(int sequences, int rows, double context) const;
};

// One measured pass.
struct LinearSample {
  int sequences = 0;
  int rows = 0;
  double context = 0;  // mean attended tokens of a sequence
  Seconds seconds{0};
};

// Ordinary least squares. A term that the samples cannot tell from the others (the sequences, where
// each sample has as many as rows) is 0. kInvalidArgument without samples or with a time that is
// not positive and finite. O(samples).
Result<LinearCost> FitLinearCost(std::span<const LinearSample> samples);

}  // namespace turbospec
