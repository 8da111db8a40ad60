#include "workload/rate_shape.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace turbospec {

namespace {

constexpr double kMaxRate = 1e6;
constexpr Seconds kMaxTime{1e9};  // some thirty years: stands for "without end"

bool IsRate(double per_second) {
  return per_second >= 0 && per_second <= kMaxRate;
}

bool IsDuration(Seconds time) {
  return time.count() >= 1e-3 && time <= kMaxTime;
}

Status Need(bool holds, const char* what) {
  if (holds) return Ok();
  return InvalidArgument(what);
}

Status Check(const ConstantRate& shape) {
  return Need(IsRate(shape.per_second) && shape.per_second > 0,
              "the rate must be above 0, at most 1e6 a second");
}

Status Check(const BurstRate& shape) {
  if (!IsDuration(shape.on) || !IsDuration(shape.off)) {
    return InvalidArgument("on and off must be 0.001 to 1e9 seconds");
  }
  return Need(IsRate(shape.burst_per_second) && IsRate(shape.idle_per_second) &&
                  shape.idle_per_second < shape.burst_per_second,
              "rate must be above idle, and both 0 to 1e6 a second");
}

Status Check(const RampRate& shape) {
  if (!IsDuration(shape.over)) return InvalidArgument("over must be 0.001 to 1e9 seconds");
  return Need(IsRate(shape.from_per_second) && IsRate(shape.to_per_second) &&
                  shape.from_per_second + shape.to_per_second > 0,
              "from and to must be 0 to 1e6 a second, and not both 0");
}

Status Check(const DayRate& shape) {
  if (!(shape.swing >= 0 && shape.swing <= 1)) return InvalidArgument("swing must be 0 to 1");
  if (!(shape.compression >= 1e-3 && shape.compression <= 86400)) {
    return InvalidArgument("compress must be 0.001 to 86400");
  }
  return Need(IsRate(shape.mean_per_second) && shape.mean_per_second > 0,
              "mean must be above 0, at most 1e6 a second");
}

double Mass(const ConstantRate& shape, double t) {
  return shape.per_second * t;
}

double Mass(const BurstRate& shape, double t) {
  const double on = shape.on.count();
  const double cycle = on + shape.off.count();
  const double cycles = std::floor(t / cycle);
  const double rest = std::clamp(t - cycles * cycle, 0.0, cycle);
  const double bursting = cycles * on + std::min(rest, on);
  const double idle = cycles * shape.off.count() + std::max(rest - on, 0.0);
  return shape.burst_per_second * bursting + shape.idle_per_second * idle;
}

double Mass(const RampRate& shape, double t) {
  const double over = shape.over.count();
  const double climbing = std::min(t, over);
  const double slope = (shape.to_per_second - shape.from_per_second) / over;
  return shape.from_per_second * climbing + 0.5 * slope * climbing * climbing +
         shape.to_per_second * (t - climbing);
}

double Mass(const DayRate& shape, double t) {
  const double turn = 2 * std::numbers::pi / shape.Period().count();
  return shape.mean_per_second * (t - shape.swing * std::sin(turn * t) / turn);
}

}  // namespace

Status Validate(const RateShape& shape) {
  return std::visit([](const auto& s) { return Check(s); }, shape);
}

double MassAt(const RateShape& shape, Seconds t) {
  return std::visit([&](const auto& s) { return Mass(s, t.count()); }, shape);
}

std::optional<Seconds> TimeOfMass(const RateShape& shape, double mass, Seconds end) {
  const double last = std::min(end, kMaxTime).count();
  double high = std::min(1.0, last);
  while (MassAt(shape, Seconds(high)) < mass) {
    if (high >= last) return std::nullopt;
    high = std::min(2 * high, last);
  }
  double low = 0;
  while (high - low > 1e-12 * high) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (MassAt(shape, Seconds(middle)) < mass ? low : high) = middle;
  }
  return Seconds(high);
}

}  // namespace turbospec
