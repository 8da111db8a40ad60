#include "model/llama/partial_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

namespace turbospec {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

Error WriteError(const std::string& path, int error) {
  const std::string message = "cannot write " + path + ": " + std::strerror(error);
  return error == ENOSPC || error == EDQUOT ? ResourceExhausted(message) : InvalidArgument(message);
}

std::string Megabytes(std::uint64_t bytes) {
  return std::to_string((bytes + 999'999) / 1'000'000) + " MB";
}

Status CheckPlace(const std::string& path, std::uint64_t bytes) {
  std::error_code failure;
  if (fs::is_directory(path, failure)) {
    return InvalidArgument(path + " is a folder; name the file to write");
  }
  const fs::path folder = fs::absolute(path).parent_path();
  if (!fs::is_directory(folder, failure)) {
    return NotFound("cannot write " + path + ": the folder " + folder.string() + " does not exist");
  }
  const fs::space_info space = fs::space(folder, failure);
  if (!failure && space.available < bytes) {
    return ResourceExhausted(path + " would take " + Megabytes(bytes) + " and the disk has " +
                             Megabytes(space.available) + " left");
  }
  return Ok();
}

}  // namespace

Result<std::unique_ptr<PartialFile>> PartialFile::Create(const std::string& path,
                                                         std::uint64_t bytes) {
  if (Status place = CheckPlace(path, bytes); !place.ok()) return place.error();
  std::string temporary = path + ".partial-" + std::to_string(::getpid());
  const int descriptor =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor < 0) return WriteError(temporary, errno);
  return std::unique_ptr<PartialFile>(new PartialFile(path, std::move(temporary), descriptor));
}

PartialFile::PartialFile(std::string path, std::string temporary, int descriptor)
    : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {
  buffer_.reserve(kBufferBytes);
}

PartialFile::~PartialFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!committed_) ::unlink(temporary_.c_str());
}

Status PartialFile::Write(std::span<const std::byte> bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) {
    if (Status flushed = Flush(); !flushed.ok()) return flushed;
  }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  written_ += bytes.size();
  return Ok();
}

Status PartialFile::Flush() {
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t count = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return WriteError(path_, errno);
    done += static_cast<std::size_t>(count);
  }
  buffer_.clear();
  return Ok();
}

Status PartialFile::Commit() {
  if (Status flushed = Flush(); !flushed.ok()) return flushed;
  if (::fsync(descriptor_) != 0) return WriteError(path_, errno);
  const int closed = ::close(std::exchange(descriptor_, -1));
  if (closed != 0) return WriteError(path_, errno);
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return WriteError(path_, errno);
  committed_ = true;
  return Ok();
}

}  // namespace turbospec
