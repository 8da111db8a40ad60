#include "cost/linear_fit.h"

#include <array>
#include <cmath>
#include <cstddef>

namespace turbospec {
namespace {

constexpr std::size_t kTerms = 4;
// A term whose own share of the pivot is below this cannot be told from the terms before it.
constexpr double kSingular = 1e-9;

using Vector = std::array<double, kTerms>;
using Matrix = std::array<Vector, kTerms>;

// The fixed cost first, so that a term that never varies is given up in its favour.
Vector TermsOf(const PassShape& shape) {
  const double rows = shape.rows;
  const double sequences = shape.sequences;
  return {1, rows, sequences * shape.mean_context, sequences};
}

// Cholesky without the square root, leaving out terms that depend on earlier ones. The columns were
// scaled to 1 on the diagonal.
Vector SolveSymmetric(Matrix a, Vector b) {
  std::array<bool, kTerms> used{};
  for (std::size_t k = 0; k < kTerms; ++k) {
    used[k] = a[k][k] > kSingular;
    if (!used[k]) continue;
    for (std::size_t i = k + 1; i < kTerms; ++i) {
      const double factor = a[i][k] / a[k][k];
      for (std::size_t j = k; j < kTerms; ++j) a[i][j] -= factor * a[k][j];
      b[i] -= factor * b[k];
    }
  }
  Vector x{};
  for (std::size_t k = kTerms; k-- > 0;) {
    if (!used[k]) continue;
    double rest = b[k];
    for (std::size_t j = k + 1; j < kTerms; ++j) rest -= a[k][j] * x[j];
    x[k] = rest / a[k][k];
  }
  return x;
}

}  // namespace

Result<LinearFit> FitLinear(std::span<const CostSample> samples) {
  if (samples.empty()) return InvalidArgument("a line cannot be fitted without samples");
  Vector scale{};
  for (const CostSample& sample : samples) {
    const Vector terms = TermsOf(sample.shape);
    for (std::size_t i = 0; i < kTerms; ++i) scale[i] += terms[i] * terms[i];
  }
  for (double& s : scale) s = s > 0 ? std::sqrt(s) : 1;
  Matrix a{};
  Vector b{};
  for (const CostSample& sample : samples) {
    Vector terms = TermsOf(sample.shape);
    for (std::size_t i = 0; i < kTerms; ++i) terms[i] /= scale[i];
    for (std::size_t i = 0; i < kTerms; ++i) {
      for (std::size_t j = 0; j < kTerms; ++j) a[i][j] += terms[i] * terms[j];
      b[i] += terms[i] * sample.seconds.count();
    }
  }
  Vector x = SolveSymmetric(a, b);
  for (std::size_t i = 0; i < kTerms; ++i) x[i] /= scale[i];
  return LinearFit{.per_row = Seconds(x[1]),
                   .per_kv = Seconds(x[2]),
                   .per_sequence = Seconds(x[3]),
                   .fixed = Seconds(x[0])};
}

}  // namespace turbospec
