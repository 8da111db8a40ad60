#include "profile/machine.h"

#include <sys/utsname.h>

#include <algorithm>
#include <fstream>
#include <thread>

namespace turbospec {
namespace {

// "model name\t: Some Processor" -> "Some Processor"; nothing for another key.
std::string ValueOf(const std::string& line, const std::string& key) {
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos || line.compare(0, key.size(), key) != 0) return {};
  if (line.find_first_not_of(" \t", key.size()) != colon) return {};
  const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
  return begin == std::string::npos ? std::string() : line.substr(begin);
}

void TakeFirst(std::string& value, const std::string& found) {
  if (value.empty()) value = found;
}

std::string ProcessorName() {
  std::string name, family, model;
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line) && !line.empty();) {
    TakeFirst(name, ValueOf(line, "model name"));
    TakeFirst(name, ValueOf(line, "CPU implementer"));
    TakeFirst(family, ValueOf(line, "cpu family"));
    TakeFirst(model, ValueOf(line, "model"));
    TakeFirst(model, ValueOf(line, "CPU part"));
  }
  if (name.empty()) {
    utsname system{};
    name = uname(&system) == 0 ? system.machine : "unknown";
  }
  if (!family.empty()) name += ", family " + family;
  if (!model.empty()) name += ", model " + model;
  return name;
}

}  // namespace

Machine ThisMachine() {
  return {.processor = ProcessorName(),
          .cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()))};
}

}  // namespace turbospec
