#include "control/linear_cost.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace turbospec {
namespace {

constexpr std::size_t kTerms = 4;
// What is left of a term's own square once the terms before it are taken out. Below this share, the
// samples cannot tell it from them.
constexpr double kIndistinct = 1e-9;

using Terms = std::array<double, kTerms>;

// The constant first: what never varies is part of it.
Terms TermsOf(const LinearSample& sample) {
  return {1, static_cast<double>(sample.rows), sample.sequences * sample.context,
          static_cast<double>(sample.sequences)};
}

// The normal equations with every term scaled to 1 on the diagonal, eliminated in order.
class NormalEquations {
 public:
  explicit NormalEquations(std::span<const LinearSample> samples) {
    for (const LinearSample& sample : samples) {
      const Terms x = TermsOf(sample);
      for (std::size_t i = 0; i < kTerms; ++i) {
        for (std::size_t j = 0; j < kTerms; ++j) matrix_[i][j] += x[i] * x[j];
        right_[i] += x[i] * sample.seconds.count();
      }
    }
    for (std::size_t i = 0; i < kTerms; ++i) scale_[i] = std::sqrt(std::max(matrix_[i][i], 1e-300));
    for (std::size_t i = 0; i < kTerms; ++i) {
      for (std::size_t j = 0; j < kTerms; ++j) matrix_[i][j] /= scale_[i] * scale_[j];
      right_[i] /= scale_[i];
    }
  }

  Terms Solve() {
    std::array<bool, kTerms> distinct{};
    for (std::size_t k = 0; k < kTerms; ++k) {
      distinct[k] = matrix_[k][k] > kIndistinct;
      if (distinct[k]) EliminateBelow(k);
    }
    Terms solution{};
    for (std::size_t k = kTerms; k-- > 0;) {
      if (!distinct[k]) continue;
      double rest = right_[k];
      for (std::size_t j = k + 1; j < kTerms; ++j) rest -= matrix_[k][j] * solution[j];
      solution[k] = rest / matrix_[k][k];
    }
    for (std::size_t k = 0; k < kTerms; ++k) solution[k] /= scale_[k];
    return solution;
  }

 private:
  void EliminateBelow(std::size_t k) {
    for (std::size_t i = k + 1; i < kTerms; ++i) {
      const double factor = matrix_[i][k] / matrix_[k][k];
      for (std::size_t j = k; j < kTerms; ++j) matrix_[i][j] -= factor * matrix_[k][j];
      right_[i] -= factor * right_[k];
    }
  }

  std::array<Terms, kTerms> matrix_{};
  Terms right_{};
  Terms scale_{};
};

}  // namespace

Seconds LinearCost::Predict(int sequences, int rows, double context) const {
  const Seconds line =
      per_kv * (sequences * context) + per_row * rows + per_sequence * sequences + fixed;
  return std::max(line, Seconds(0));
}

Result<LinearCost> FitLinearCost(std::span<const LinearSample> samples) {
  if (samples.empty()) return InvalidArgument("a cost line needs measured passes, and has none");
  for (const LinearSample& sample : samples) {
    if (!std::isfinite(sample.seconds.count()) || sample.seconds.count() <= 0) {
      return InvalidArgument("a cost line needs times that are positive and finite");
    }
  }
  const Terms solution = NormalEquations(samples).Solve();
  return LinearCost{.per_kv = Seconds(solution[2]),
                    .per_row = Seconds(solution[1]),
                    .per_sequence = Seconds(solution[3]),
                    .fixed = Seconds(solution[0])};
}

}  // namespace turbospec
