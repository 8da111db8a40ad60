#include "bench/sse_parser.h"

namespace turbospec {

bool SseParser::Feed(std::string_view bytes) {
  for (;;) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      line_.append(bytes);
      return line_.size() <= kMaxEventBytes && data_.size() <= kMaxEventBytes;
    }
    if (line_.empty()) {
      TakeLine(bytes.substr(0, end));
    } else {
      line_.append(bytes.substr(0, end));
      TakeLine(line_);
      line_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
}

void SseParser::TakeLine(std::string_view line) {
  constexpr std::string_view kField = "data";
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) {
    if (has_data_) on_event_(data_);
    data_.clear();
    has_data_ = false;
    return;
  }
  if (!line.starts_with(kField)) return;  // comments, "event", "id", "retry"
  line.remove_prefix(kField.size());
  if (!line.empty() && !line.starts_with(':')) return;  // another field: "database"
  if (!line.empty()) line.remove_prefix(1);
  if (line.starts_with(' ')) line.remove_prefix(1);
  if (has_data_) data_ += '\n';
  data_.append(line);
  has_data_ = true;
}

}  // namespace turbospec
