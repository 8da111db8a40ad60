// Small workloads for tests, without a file.
#pragma once

#include <string>
#include <vector>

#include "workload/workload.h"

namespace turbospec {

// `per_class` items of each class in each split, with ids like "json-tune-0". Class "json" asks by
// chat, every other by prompt.
inline Workload WorkloadOf(const std::vector<std::string>& classes, int per_class) {
  Workload workload;
  for (const std::string& name : classes) {
    for (int i = 0; i < per_class; ++i) {
      for (const Split split : {Split::kTune, Split::kHeldOut}) {
        WorkloadItem item;
        item.id = name + (split == Split::kTune ? "-tune-" : "-held_out-") + std::to_string(i);
        item.class_name = name;
        item.split = split;
        item.max_tokens = 16;
        const std::string text = "Tell me about the " + name + " number " + std::to_string(i) + ".";
        if (name == "json") {
          item.messages = {{"user", text}};
        } else {
          item.prompt = text;
        }
        workload.items.push_back(item);
      }
    }
  }
  return workload;
}

}  // namespace turbospec
