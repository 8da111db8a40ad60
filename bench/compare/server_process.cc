#include "bench/compare/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

namespace turbospec::compare {
namespace {

using std::chrono::milliseconds;

class Socket {
 public:
  Socket() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

bool IsHealthy(int port) {
  const Socket socket;
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const sockaddr_in address = Loopback(port);
  if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return false;
  }
  constexpr std::string_view kRequest =
      "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
  if (::send(socket.fd(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) return false;
  char answer[16] = {};
  const ssize_t got = ::recv(socket.fd(), answer, sizeof answer - 1, MSG_WAITALL);
  return got >= 12 && std::string_view(answer + 8, 4) == " 200";
}

std::string EndOf(const std::filesystem::path& log) {
  std::ifstream in(log, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  const std::string all = text.str();
  constexpr std::size_t kMost = 600;
  return all.size() <= kMost ? all : "..." + all.substr(all.size() - kMost);
}

[[noreturn]] void BecomeServer(const std::vector<std::string>& command, int log, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it ended before the line above
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  const char* why = std::strerror(errno);
  static_cast<void>(!::write(STDERR_FILENO, why, std::strlen(why)));
  ::_exit(127);
}

Result<pid_t> Launch(const std::vector<std::string>& command, const std::filesystem::path& log) {
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return NotFound("cannot write the log \"" + log.string() + "\"");
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) BecomeServer(command, file, parent);
  ::close(file);
  if (pid < 0) return Unavailable(std::string("cannot start a process: ") + std::strerror(errno));
  ::setpgid(pid, pid);  // as the child does: whoever comes first
  return pid;
}

}  // namespace

Result<int> FreePort() {
  const Socket socket;
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.fd(), generic, size) != 0 || ::getsockname(socket.fd(), generic, &size) != 0) {
    return Unavailable(std::string("no free port: ") + std::strerror(errno));
  }
  return ntohs(address.sin_port);
}

Result<std::string> FirstLineOf(const std::vector<std::string>& command,
                                const std::filesystem::path& log) {
  const auto pid = Launch(command, log);
  if (!pid.ok()) return pid.error();
  const SteadyClock clock;
  const Seconds begin = clock.Now();
  int status = 0;
  while (::waitpid(*pid, &status, WNOHANG) == 0) {
    if (clock.Now() - begin > Seconds(10)) {
      ::kill(-*pid, SIGKILL);
      ::waitpid(*pid, nullptr, 0);
      return Unavailable("\"" + command[0] + "\" does not end");
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  std::ifstream in(log);
  std::string line;
  std::getline(in, line);
  if (status != 0 || line.empty()) return Unavailable("\"" + command[0] + "\" failed: " + line);
  return line;
}

Result<ServerProcess> ServerProcess::Start(const std::vector<std::string>& command, int port,
                                           const std::filesystem::path& log, Seconds limit,
                                           const std::function<bool()>& stopped) {
  const auto pid = Launch(command, log);
  if (!pid.ok()) return pid.error();
  ServerProcess process(*pid);
  const SteadyClock clock;
  const Seconds begin = clock.Now();
  while (!IsHealthy(port)) {
    if (stopped()) return Cancelled("interrupted");
    if (!process.Running()) {
      return Unavailable("\"" + command[0] + "\" ended while starting: " + EndOf(log));
    }
    if (clock.Now() - begin > limit) {
      return Unavailable("\"" + command[0] + "\" did not answer in time: " + EndOf(log));
    }
    std::this_thread::sleep_for(milliseconds(50));
  }
  return process;
}

ServerProcess::ServerProcess(ServerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)) {}

bool ServerProcess::Running() {
  if (pid_ < 0) return false;
  if (::waitpid(pid_, nullptr, WNOHANG) == 0) return true;
  ::kill(-pid_, SIGKILL);
  pid_ = -1;
  return false;
}

void ServerProcess::End() {
  if (!Running()) return;
  ::kill(-pid_, SIGTERM);
  for (int i = 0; i < 100 && ::waitpid(pid_, nullptr, WNOHANG) == 0; ++i) {
    std::this_thread::sleep_for(milliseconds(50));
  }
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace turbospec::compare
