// Cuts the body of a response into server-sent events, whatever pieces it comes in. Lines end with
// LF or CR LF (the lone CR of the standard is used by nobody and not understood). One per response,
// one thread; copies each event's data once.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace turbospec {

class SseParser {
 public:
  // Called with the data of each event, its lines joined by LF; the view lives during the call.
  using OnEvent = std::function<void(std::string_view data)>;

  static constexpr std::size_t kMaxEventBytes = std::size_t{16} << 20;

  explicit SseParser(OnEvent on_event) : on_event_(std::move(on_event)) {}

  // False when a line or an event exceeds kMaxEventBytes; nothing more may be fed then.
  bool Feed(std::string_view bytes);

 private:
  void TakeLine(std::string_view line);

  OnEvent on_event_;
  std::string line_;  // the beginning of a line whose end has not come
  std::string data_;
  bool has_data_ = false;
};

}  // namespace turbospec
