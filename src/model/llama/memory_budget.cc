#include "model/llama/memory_budget.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace turbospec {
namespace {

using Bytes = std::optional<std::uint64_t>;

// The number in a file that holds just one; empty for "max" or a missing file.
Bytes NumberIn(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  if (file >> value) return value;
  return std::nullopt;
}

// The number after `key` at the start of a line.
Bytes NumberAfter(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    std::istringstream rest(line.substr(key.size()));
    std::uint64_t value = 0;
    if (rest >> value) return value;
  }
  return std::nullopt;
}

// Inactive file pages count as used in a control group but are given back under pressure.
Bytes LeftInGroup(Bytes limit, Bytes used, Bytes reclaimable) {
  if (!limit || !used) return std::nullopt;
  const std::uint64_t held = *used - std::min(*used, reclaimable.value_or(0));
  return *limit - std::min(*limit, held);
}

std::string Gibibytes(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f GiB", static_cast<double>(bytes) / (1 << 30));
  return text;
}

}  // namespace

Bytes AvailableMemoryBytes(const std::string& root) {
  Bytes available = NumberAfter(root + "/proc/meminfo", "MemAvailable:");
  if (available) *available *= 1024;  // the file counts in KiB
  const std::string v2 = root + "/sys/fs/cgroup/";
  const std::string v1 = root + "/sys/fs/cgroup/memory/";
  const Bytes groups[] = {
      LeftInGroup(NumberIn(v2 + "memory.max"), NumberIn(v2 + "memory.current"),
                  NumberAfter(v2 + "memory.stat", "inactive_file ")),
      LeftInGroup(NumberIn(v1 + "memory.limit_in_bytes"), NumberIn(v1 + "memory.usage_in_bytes"),
                  NumberAfter(v1 + "memory.stat", "total_inactive_file "))};
  for (const Bytes& left : groups) {
    if (left) available = std::min(available.value_or(*left), *left);
  }
  return available;
}

Status CheckMemory(const std::string& what, std::uint64_t needed_bytes, Bytes available_bytes) {
  if (!available_bytes || needed_bytes <= *available_bytes) return Ok();
  return ResourceExhausted(what + " needs " + Gibibytes(needed_bytes) + " of memory and " +
                           Gibibytes(*available_bytes) + " are available");
}

}  // namespace turbospec
