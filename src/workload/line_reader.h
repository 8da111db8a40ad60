// Lines of an untrusted text file, numbered for error messages. Takes away a byte order mark and
// carriage returns, skips blank lines, and refuses a line above the limit before it fills the
// memory. Used by the readers of workloads and traces; one thread; borrows the stream.
#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <string_view>

#include "core/result.h"

namespace turbospec {

class LineReader {
 public:
  // `source` names the file in errors ("trace.csv:12: ...").
  LineReader(std::istream& in, std::string source, std::size_t max_line_bytes = 1 << 20)
      : in_(in), source_(std::move(source)), max_line_bytes_(max_line_bytes) {}

  // Moves to the next line that is not blank; false at the end of the file.
  Result<bool> Next();

  // The current line, valid until the next call of Next().
  std::string_view line() const { return line_; }
  std::size_t number() const { return number_; }

  // An error about the current line.
  Error Fault(std::string_view what) const;
  // An error about the whole file.
  Error FileFault(std::string_view what) const;

 private:
  Result<bool> ReadRawLine();

  std::istream& in_;
  std::string source_;
  std::size_t max_line_bytes_;
  std::string line_;
  std::size_t number_ = 0;
};

}  // namespace turbospec
