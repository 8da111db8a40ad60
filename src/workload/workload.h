// What is asked of a server in a benchmark or a simulation: prompts of named classes, each with a
// length limit, split into a part to tune on and a part held out. Plain values, immutable after
// loading, shared freely between threads. docs/workload_format.md describes the file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace turbospec {

enum class Split {
  kTune,     // to choose parameters on
  kHeldOut,  // to report figures on; never to choose anything
};

struct WorkloadMessage {
  std::string role;  // "system", "user" or "assistant"
  std::string content;

  bool operator==(const WorkloadMessage&) const = default;
};

struct WorkloadItem {
  std::string id;          // unique in its workload
  std::string class_name;  // "json", "story", ...: what a mix weighs
  Split split = Split::kTune;
  std::string prompt;                     // plain text to continue; empty when there are messages
  std::vector<WorkloadMessage> messages;  // a chat that ends with the user; empty for a prompt
  int max_tokens = 0;                     // at most this many tokens of answer; 1 or more

  bool operator==(const WorkloadItem&) const = default;
};

struct Workload {
  std::vector<WorkloadItem> items;
};

// Reads one file's content; `source` names it in errors, which carry the line. All or nothing.
Result<Workload> ReadWorkload(std::istream& in, std::string source);

// Reads one file, or every *.jsonl of a folder in the order of their names, into one workload.
Result<Workload> LoadWorkload(const std::filesystem::path& file_or_folder);

// The names of the classes, sorted, each once.
std::vector<std::string> ClassesOf(const Workload& workload);

}  // namespace turbospec
