// One server under test as a child process: started with its output in a log file, asked for
// /health until it answers, ended with its whole process group. It also ends when this program
// does, however that happens. Blocking; one thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace turbospec::compare {

// A TCP port of the loopback device that was free just now.
Result<int> FreePort();

// What the command prints first, on either stream: how a server says its version. Its output goes
// through the file `log`. kUnavailable when it fails or takes over ten seconds.
Result<std::string> FirstLineOf(const std::vector<std::string>& command,
                                const std::filesystem::path& log);

class ServerProcess {
 public:
  // Returns when GET /health is answered with 200. kUnavailable with the end of the log when the
  // process ends before or `limit` passes; kCancelled when `stopped` says so.
  static Result<ServerProcess> Start(const std::vector<std::string>& command, int port,
                                     const std::filesystem::path& log, Seconds limit,
                                     const std::function<bool()>& stopped);
  ~ServerProcess() { End(); }
  ServerProcess(ServerProcess&& other) noexcept;
  ServerProcess& operator=(ServerProcess&&) = delete;

  bool Running();
  pid_t pid() const { return pid_; }

 private:
  explicit ServerProcess(pid_t pid) : pid_(pid) {}
  void End();

  pid_t pid_ = -1;
};

}  // namespace turbospec::compare
