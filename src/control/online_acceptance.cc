#include "control/online_acceptance.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace turbospec {
namespace {

constexpr double kMaxFeature = 40;

double Sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

}  // namespace

double LogitOfLog(double log_q) {
  if (std::isnan(log_q)) return 0;
  const double others = std::expm1(-std::min(log_q, 0.0));  // (1 - q) / q
  if (others <= 0) return kMaxFeature;
  return std::clamp(-std::log(others), -kMaxFeature, kMaxFeature);
}

OnlineAcceptance::OnlineAcceptance(const OnlineAcceptanceOptions& options)
    : options_(options),
      slope_(options.initial_slope),
      places_(static_cast<std::size_t>(options.places), {.intercept = options.initial_intercept}) {}

const OnlineAcceptance::Place& OnlineAcceptance::At(int place) const {
  return places_[std::min(static_cast<std::size_t>(place), places_.size() - 1)];
}

double OnlineAcceptance::Predict(int place, double feature) const {
  return Sigmoid(slope_ * feature + At(place).intercept);
}

void OnlineAcceptance::Observe(int place, double feature, bool accepted) {
  const double p = Predict(place, feature);
  const double weight = p * (1 - p);
  const double residual = (accepted ? 1 : 0) - p;
  Place& at = places_[std::min(static_cast<std::size_t>(place), places_.size() - 1)];
  at.coupling += weight * feature;
  at.information += weight;
  at.score += residual;
  at.labels += 1;
  slope_information_ += weight * feature * feature;
  slope_score_ += residual * feature;
}

void OnlineAcceptance::EndStep() {
  if (++steps_ % options_.steps_per_refit == 0) Refit();
}

// The information matrix is dense in the slope's row and column and diagonal in the intercepts.
// Taking the intercepts out leaves one equation for the slope.
double OnlineAcceptance::SlopeStep() const {
  double information = slope_information_ + options_.ridge;
  double score = slope_score_;
  double labels = 0;
  for (const Place& place : places_) {
    const double own = place.information + options_.ridge;
    information -= place.coupling * place.coupling / own;
    score -= place.coupling * place.score / own;
    labels += place.labels;
  }
  const double step = score / information * labels / (labels + options_.damping);
  // A step that would make confidence count against acceptance is not made.
  return std::isfinite(step) && slope_ + step >= 0 ? step : 0;
}

void OnlineAcceptance::Refit() {
  const double slope_step = SlopeStep();
  slope_ += slope_step;
  for (Place& place : places_) {
    const double whole =
        (place.score - place.coupling * slope_step) / (place.information + options_.ridge);
    const double step = whole * place.labels / (place.labels + options_.damping);
    place = {.intercept = place.intercept + (std::isfinite(step) ? step : 0)};
  }
  slope_information_ = 0;
  slope_score_ = 0;
}

}  // namespace turbospec
