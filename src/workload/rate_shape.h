// How the rate of an open arrival process changes with time. A Poisson process of any rate r(t) is
// a unit-rate process with its time stretched: arrivals happen where the mass M(t) = integral of r
// from 0 to t passes the points of the unit process. So a shape only knows its mass, and one
// sequence of draws serves every shape. Pure; times are relative to the start of the phase.
#pragma once

#include <optional>
#include <variant>

#include "core/clock.h"
#include "core/result.h"

namespace turbospec {

// Poisson: always the same rate.
struct ConstantRate {
  double per_second = 1;
};

// Bursts: `on` at one rate, then `off` at a lower one, over and over; starts with a burst.
struct BurstRate {
  Seconds on{10};
  Seconds off{30};
  double burst_per_second = 8;
  double idle_per_second = 0;
};

// Ramp: from one rate to another in a straight line, then stays there.
struct RampRate {
  double from_per_second = 0;
  double to_per_second = 8;
  Seconds over{60};
};

// Compressed day: r(t) = mean * (1 - swing * cos(2 pi t / period)), period = 24 h / compression.
// It starts at the quietest hour. Example: compression 1440 makes an hour last 2.5 seconds.
struct DayRate {
  double mean_per_second = 2;
  double swing = 0.8;  // 0: no day and night; 1: the night is silent
  double compression = 1440;

  Seconds Period() const { return Seconds(86400.0 / compression); }
};

using RateShape = std::variant<ConstantRate, BurstRate, RampRate, DayRate>;

// Finite, not negative, and some arrivals at all; rates up to 1e6 a second.
Status Validate(const RateShape& shape);

// Expected number of arrivals in [0, t]. Example: ramp 0 -> 8 over 60 s has mass 240 at t = 60.
double MassAt(const RateShape& shape, Seconds t);

// The first t <= end with MassAt(t) >= mass, to a relative 1e-12; nothing when it comes later.
std::optional<Seconds> TimeOfMass(const RateShape& shape, double mass, Seconds end);

}  // namespace turbospec
