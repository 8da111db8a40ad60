// The cost model of the TurboSpec paper, kept as its baseline and for comparison:
//   T = c_tokens * N + c_kv * N_kv + c_sequences * sequences + c_fixed
// where N is the rows and N_kv the attended tokens of all sequences (sequences * context), fitted
// by ordinary least squares. Pure; O(samples).
#pragma once

#include <span>

#include "core/result.h"
#include "cost/pass_shape.h"

namespace turbospec {

struct LinearFit {
  Seconds per_row{0};       // c_tokens
  Seconds per_kv{0};        // c_kv, per attended token of a sequence
  Seconds per_sequence{0};  // c_sequences
  Seconds fixed{0};         // c_fixed

  // May be negative where the line is far from the truth.
  Seconds Predict(const PassShape& shape) const {
    return per_row * shape.rows + per_kv * (shape.sequences * shape.mean_context) +
           per_sequence * shape.sequences + fixed;
  }
};

// kInvalidArgument without samples. A term that the samples cannot tell from the others (e.g. the
// sequences, where all samples have one) gets 0.
Result<LinearFit> FitLinear(std::span<const CostSample> samples);

// Mean of |predicted - measured| / measured, for anything that predicts: 0.07 = 7 %.
template <class Predict>
double MeanAbsoluteError(std::span<const CostSample> samples, const Predict& predict) {
  double sum = 0;
  for (const CostSample& sample : samples) {
    const double off = predict(sample.shape).count() - sample.seconds.count();
    sum += (off < 0 ? -off : off) / sample.seconds.count();
  }
  return samples.empty() ? 0 : sum / static_cast<double>(samples.size());
}

}  // namespace turbospec
