#include "profile/cpu_use.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace turbospec {

std::optional<CpuUse> ReadCpuUse() {
  // "cpu  user nice system idle iowait irq softirq steal …", in ticks.
  std::ifstream file("/proc/stat");
  std::string word;
  double user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft_irq = 0, steal = 0;
  if (!(file >> word >> user >> nice >> system >> idle >> wait >> irq >> soft_irq >> steal)) {
    return std::nullopt;
  }
  const long ticks = sysconf(_SC_CLK_TCK);
  rusage own{};
  if (ticks <= 0 || getrusage(RUSAGE_SELF, &own) != 0) return std::nullopt;
  const auto seconds = [](const timeval& time) {
    return Seconds(static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec));
  };
  return CpuUse{.everybody = Seconds((user + nice + system + irq + soft_irq + steal) /
                                     static_cast<double>(ticks)),
                .own = seconds(own.ru_utime) + seconds(own.ru_stime)};
}

double CoresOfOthers(const CpuUse& before, const CpuUse& after, Seconds elapsed) {
  if (elapsed.count() <= 0) return 0;
  const Seconds others = (after.everybody - before.everybody) - (after.own - before.own);
  return std::max(0.0, others / elapsed);
}

}  // namespace turbospec
