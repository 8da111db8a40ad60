#include "workload/line_reader.h"

namespace turbospec {

namespace {
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
}  // namespace

Result<bool> LineReader::Next() {
  do {
    Result<bool> more = ReadRawLine();
    if (!more || !*more) return more;
  } while (line_.find_first_not_of(" \t") == std::string::npos);
  return true;
}

Result<bool> LineReader::ReadRawLine() {
  line_.clear();
  std::streambuf& bytes = *in_.rdbuf();
  int byte = bytes.sbumpc();
  if (byte == std::char_traits<char>::eof()) return false;
  ++number_;
  for (; byte != std::char_traits<char>::eof() && byte != '\n'; byte = bytes.sbumpc()) {
    if (line_.size() == max_line_bytes_) {
      return Fault("the line is longer than " + std::to_string(max_line_bytes_) + " bytes");
    }
    line_.push_back(static_cast<char>(byte));
  }
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  if (number_ == 1 && line_.starts_with(kByteOrderMark)) line_.erase(0, kByteOrderMark.size());
  return true;
}

Error LineReader::Fault(std::string_view what) const {
  return InvalidArgument(source_ + ":" + std::to_string(number_) + ": " + std::string(what));
}

Error LineReader::FileFault(std::string_view what) const {
  return InvalidArgument(source_ + ": " + std::string(what));
}

}  // namespace turbospec
