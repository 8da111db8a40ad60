// What makes a pass take longer than its shape says: scatter, stalls, and a neighbour that takes
// half of the machine for a while. A pure function of the seed, the number of the pass and the
// time; stalls and neighbour come by time, so that whoever makes more passes meets no more of them.
// One per replica, shared by its models.
#pragma once

#include <cstdint>

#include "core/result.h"
#include "turbospec/types.h"

namespace turbospec {

struct NoiseOptions {
  double scatter = 0.02;  // standard deviation of ln(time); the mean stays what it is
  // Once in every stall_period, at a random moment of it, the pass under way takes `stall` longer.
  Seconds stall_period{0};  // 0 = never
  Seconds stall{2};
  Seconds neighbour_period{0};  // 0 = no neighbour; it is there in the second half of each period
  double neighbour_factor = 2;  // times every pass that begins while it is there, >= 1
};

Status Validate(const NoiseOptions& options);

class MachineNoise {
 public:
  MachineNoise(const NoiseOptions& options, std::uint64_t seed) : options_(options), seed_(seed) {}

  // The time that a Forward of this true cost takes now.
  Seconds Disturb(Seconds cost, Seconds now);

 private:
  NoiseOptions options_;
  std::uint64_t seed_;
  std::uint64_t forwards_ = 0;
  std::uint64_t stalls_ = 0;
};

}  // namespace turbospec
