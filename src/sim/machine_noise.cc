#include "sim/machine_noise.h"

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "sim/acceptance_process.h"

namespace turbospec {

Status Validate(const NoiseOptions& options) {
  if (!(options.scatter >= 0 && options.scatter <= 1)) {
    return InvalidArgument("noise: scatter must be from 0 to 1");
  }
  if (!(options.stall_period.count() >= 0 && options.stall.count() >= 0)) {
    return InvalidArgument("noise: stall_period and stall must not be negative");
  }
  if (!(options.neighbour_period.count() >= 0)) {
    return InvalidArgument("noise: neighbour_period must not be negative");
  }
  if (!(options.neighbour_factor >= 1 && options.neighbour_factor <= 1000)) {
    return InvalidArgument("noise: neighbour_factor must be from 1 to 1000");
  }
  return Ok();
}

Seconds MachineNoise::Disturb(Seconds cost, Seconds now) {
  if (options_.scatter > 0) {
    const double uniform = std::clamp(UniformAt(seed_, forwards_++), 1e-6, 1 - 1e-6);
    const double sigma = options_.scatter;
    cost *= std::exp(sigma * NormalQuantile(uniform) - 0.5 * sigma * sigma);
  }
  if (options_.neighbour_period > Seconds(0)) {
    const double phase = std::fmod(now.count(), options_.neighbour_period.count());
    if (phase >= 0.5 * options_.neighbour_period.count()) cost *= options_.neighbour_factor;
  }
  if (options_.stall_period > Seconds(0)) {
    const auto moment = [&] {
      return options_.stall_period *
             (static_cast<double>(stalls_) + UniformAt(MixBits(seed_), stalls_));
    };
    bool stalled = false;
    for (; moment() <= now; ++stalls_) stalled = true;
    if (stalled) cost += options_.stall;
  }
  return cost;
}

}  // namespace turbospec
