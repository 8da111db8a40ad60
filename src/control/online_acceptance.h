// Acceptance of a draft token by its place and the draft's confidence, calibrated while serving, as
// vLLM's adaptive verification estimates it:
//   logit p = slope * feature + intercept[place],  feature = logit of the largest q at that place
// One slope >= 0 for all places and an intercept for each. The labels of 100 steps at a time are
// folded into sums, then one damped Newton step is made from them and they are forgotten; a number
// with n labels behind it moves n / (n + 50) of the way. Value; a label costs O(1), a refit
// O(places).
#pragma once

#include <vector>

namespace turbospec {

struct OnlineAcceptanceOptions {
  int places = 8;
  int steps_per_refit = 100;
  double damping = 50;  // labels at which half a Newton step is made
  double ridge = 1e-3;
  double initial_slope = 0.5;
  double initial_intercept = -0.2;
};

// logit(q) from ln q <= 0, within +-40. ln 0.5 -> 0.
double LogitOfLog(double log_q);

class OnlineAcceptance {
 public:
  explicit OnlineAcceptance(const OnlineAcceptanceOptions& options);

  // `place`: 0 for the first draft token; those beyond the last place count as the last.
  double Predict(int place, double feature) const;

  // A label: a token that was accepted, or the first that was not.
  void Observe(int place, double feature, bool accepted);

  // A step is over; every so many of them the numbers move.
  void EndStep();

  double slope() const { return slope_; }
  double intercept(int place) const { return At(place).intercept; }

 private:
  struct Place {
    double intercept = 0;
    // Sums over the labels since the last refit, with p the prediction: p(1-p) * feature,
    // p(1-p), label - p, labels.
    double coupling = 0;
    double information = 0;
    double score = 0;
    double labels = 0;
  };

  const Place& At(int place) const;
  void Refit();
  double SlopeStep() const;

  OnlineAcceptanceOptions options_;
  double slope_;
  std::vector<Place> places_;
  double slope_information_ = 0;  // sum of p(1-p) * feature^2
  double slope_score_ = 0;        // sum of (label - p) * feature
  int steps_ = 0;
};

}  // namespace turbospec
