#include "bench/scaled/held_out_prompts.h"

#include <map>
#include <string>

namespace turbospec {

std::vector<WorkloadItem> HeldOutInTurn(const Workload& workload, std::size_t count) {
  std::map<std::string, std::vector<const WorkloadItem*>> by_class;
  for (const WorkloadItem& item : workload.items) {
    if (item.split == Split::kHeldOut) by_class[item.class_name].push_back(&item);
  }
  std::vector<WorkloadItem> chosen;
  bool found = true;
  for (std::size_t turn = 0; found && chosen.size() < count; ++turn) {
    found = false;
    for (const auto& [name, items] : by_class) {
      if (turn >= items.size() || chosen.size() == count) continue;
      chosen.push_back(*items[turn]);
      found = true;
    }
  }
  return chosen;
}

}  // namespace turbospec
