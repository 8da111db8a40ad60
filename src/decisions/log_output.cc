#include "decisions/log_output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace turbospec {
namespace {

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

class LogFile final : public LogOutput {
 public:
  LogFile(std::string path, File file) : path_(std::move(path)), file_(std::move(file)) {}

  // Flushed each time: what was written is there when the process dies.
  Status Write(std::string_view bytes) override {
    errno = 0;
    const std::size_t written = std::fwrite(bytes.data(), 1, bytes.size(), file_.get());
    if (written == bytes.size() && std::fflush(file_.get()) == 0) return Ok();
    const char* cause = errno != 0 ? std::strerror(errno) : "the file takes no more";
    return ResourceExhausted("cannot write \"" + path_ + "\": " + cause);
  }

 private:
  const std::string path_;
  const File file_;
};

}  // namespace

Result<std::unique_ptr<LogOutput>> CreateLogFile(const std::string& path) {
  errno = 0;
  File file(std::fopen(path.c_str(), "wb"));
  if (!file) return InvalidArgument("cannot create \"" + path + "\": " + std::strerror(errno));
  return std::unique_ptr<LogOutput>(new LogFile(path, std::move(file)));
}

}  // namespace turbospec
