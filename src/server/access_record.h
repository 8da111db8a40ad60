// One answered request, for a log that the owner of the server keeps.
#pragma once

#include <cstddef>
#include <string>

#include "core/clock.h"

namespace turbospec {

struct AccessRecord {
  std::string client;  // address:port
  std::string method;
  std::string path;
  int status = 0;              // of the response's head; 0 = the client left before it
  std::size_t bytes_sent = 0;  // head and body
  bool complete = false;       // the whole response was handed to the system
  Seconds took{0};             // from the complete request on
};

}  // namespace turbospec
