// Where the bytes of a log go: a file, or what a test puts in its place. Called by one thread at a
// time; a call may block as long as the disk does.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace turbospec {

class LogOutput {
 public:
  virtual ~LogOutput() = default;
  // All of it or an error that names the file and the cause; a part may have been written then.
  virtual Status Write(std::string_view bytes) = 0;
};

// Creates the file or empties it. kInvalidArgument says why it cannot be written.
Result<std::unique_ptr<LogOutput>> CreateLogFile(const std::string& path);

}  // namespace turbospec
