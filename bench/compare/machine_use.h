// How much of the machine other programs took while a cell was measured, from Linux's /proc: on a
// shared machine a figure is worth no more than the quiet that it was taken in. Steal counts as
// others' use. Reads two small files; where there is no /proc all is 0.
#pragma once

#include <sys/types.h>

#include <string_view>

#include "core/clock.h"

namespace turbospec::compare {

struct MachineUse {
  double all_ticks = 0;   // of every processor that was not idle, since the start of the machine
  double ours_ticks = 0;  // of them, those of the server and of this program
};

MachineUse ReadMachineUse(pid_t server);

// Cores that others kept busy in between. Example: 300 ticks of all and 100 of ours in 2 s, at 100
// ticks a second -> 1 core.
double ForeignCores(const MachineUse& before, const MachineUse& after, Seconds elapsed,
                    double ticks_per_second);
double TicksPerSecond();

// The text of /proc/stat and of /proc/PID/stat; 0 for what is neither.
double TicksInUse(std::string_view machine);
double TicksOfProcess(std::string_view process);

}  // namespace turbospec::compare
