// A file that appears under its name only when it is complete: written beside it under a temporary
// name, then renamed. Destroying it before Commit removes every trace. One thread; owns its
// descriptor and a write buffer of 1 MiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"

namespace turbospec {

class PartialFile {
 public:
  // Fails when the folder is missing or not writable, when `path` is a folder, or when the disk
  // has less than `bytes` left. A file that is at `path` stays until Commit replaces it.
  static Result<std::unique_ptr<PartialFile>> Create(const std::string& path, std::uint64_t bytes);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  Status Write(std::span<const std::byte> bytes);
  std::uint64_t written() const { return written_; }

  // Flushes to the disk and renames. Nothing may be written after it.
  Status Commit();

 private:
  PartialFile(std::string path, std::string temporary, int descriptor);
  Status Flush();

  const std::string path_;
  const std::string temporary_;
  int descriptor_;
  bool committed_ = false;
  std::uint64_t written_ = 0;
  std::vector<std::byte> buffer_;
};

}  // namespace turbospec
