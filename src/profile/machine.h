// The processor this program runs on, for the key of a profile. Reads /proc once per call.
#pragma once

#include <string>

namespace turbospec {

struct Machine {
  std::string processor;  // name, family, model: virtual machines often share a bare name
  int cores = 1;          // hardware threads this process may use
};

Machine ThisMachine();

}  // namespace turbospec
