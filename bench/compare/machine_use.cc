#include "bench/compare/machine_use.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace turbospec::compare {
namespace {

std::string TextOf(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

// "cpu  user nice system idle iowait irq softirq steal ..."; guests are within user.
double TicksInUse(std::string_view machine) {
  std::istringstream in{std::string(machine)};
  std::string name;
  in >> name;
  double ticks[8] = {};
  for (double& value : ticks) in >> value;
  if (!in || name != "cpu") return 0;
  return ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7];
}

// "pid (name) state ...": the name may hold blanks and parentheses; utime and stime are the 14th
// and 15th field, the 12th and 13th behind the name.
double TicksOfProcess(std::string_view process) {
  const std::size_t end = process.rfind(')');
  if (end == std::string_view::npos) return 0;
  std::istringstream in{std::string(process.substr(end + 1))};
  std::string skipped;
  for (int i = 0; i < 11; ++i) in >> skipped;
  double user = 0, system = 0;
  in >> user >> system;
  return in ? user + system : 0;
}

MachineUse ReadMachineUse(pid_t server) {
  return {.all_ticks = TicksInUse(TextOf("/proc/stat")),
          .ours_ticks = TicksOfProcess(TextOf("/proc/" + std::to_string(server) + "/stat")) +
                        TicksOfProcess(TextOf("/proc/self/stat"))};
}

double ForeignCores(const MachineUse& before, const MachineUse& after, Seconds elapsed,
                    double ticks_per_second) {
  if (!(elapsed > Seconds(0))) return 0;
  const double all = after.all_ticks - before.all_ticks;
  const double ours = after.ours_ticks - before.ours_ticks;
  return std::max(0.0, (all - ours) / ticks_per_second / elapsed.count());
}

double TicksPerSecond() {
  return static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace turbospec::compare
