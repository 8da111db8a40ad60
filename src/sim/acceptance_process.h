// How often, and how predictably, the simulated draft agrees with the target. Every token has a
// difficulty; the draft agrees where
//
//   m(class, depth, time) + request effect + token effect + chance > 0   (all normal)
//
// with m set so that the mean over requests and tokens is exactly the acceptance asked for
// (E Phi(m + s z) = Phi(m / sqrt(1 + s^2))). The draft's confidence sees all but the chance,
// through noise: informative, not perfect. A pure function of (request, position, depth, time), so
// that runs with different controllers meet the same text. Tens of nanoseconds a token.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "turbospec/types.h"

namespace turbospec {

// The acceptance of a class from some moment on.
struct AcceptancePhase {
  Seconds from{0};
  double acceptance = 0.7;
};

struct TrueAcceptance {
  double acceptance = 0.7;                // conditional, at depth 1; 0 and 1 mean never and always
  std::vector<AcceptancePhase> phases{};  // ascending; each replaces `acceptance` from its moment
  double depth_decay = 1;                 // factor on it for every further depth, (0, 1]
  double request_spread = 0.4;            // of the request effect, >= 0
  double token_spread = 1;                // of the token effect, which the draft knows of, >= 0
  double confidence_noise = 0.4;          // of what it says, >= 0
  double confidence_bias = 0;             // > 0: the draft is surer than it should be
  double drift = 0;                       // amplitude of a slow wave of m, >= 0 ...
  Seconds drift_period{600};              // ... and its period
};

Status Validate(const TrueAcceptance& options);

class AcceptanceProcess {
 public:
  static constexpr int kMaxDepth = 64;  // beyond it, as at it
  static constexpr int kConfidences = 64;

  // REQUIRES: Validate() passed for each.
  explicit AcceptanceProcess(std::vector<TrueAcceptance> classes);

  // Moves the process to `now`; cheap when nothing changes.
  void SetTime(Seconds now);

  struct Guess {
    bool agrees = false;
    int confidence = 0;  // index for ConfidenceAt, 0 ... kConfidences - 1
  };
  // The draft's guess of the token at `position` of a request, at `depth` >= 1 of its proposal.
  // `handicap` >= 0 is taken from all it knows.
  Guess At(std::size_t class_index, std::uint64_t request_seed, int position, int depth,
           double handicap = 0) const;

  // The probability that the draft gives its guess.
  static double ConfidenceAt(int index);

 private:
  struct Class {
    TrueAcceptance options;
    double spread = 1;    // of everything: sqrt(1 + request^2 + token^2)
    double current = -1;  // acceptance that `means` stand for, before drift
    double shift = 0;
    std::array<double, kMaxDepth> means{};
  };

  std::vector<Class> classes_;
};

// Inverse of the standard normal distribution function, 0 < p < 1; relative error under 1.2e-9
// (Acklam's rational approximation). NormalQuantile(0.975) = 1.95996.
double NormalQuantile(double p);

}  // namespace turbospec
