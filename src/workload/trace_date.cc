#include <chrono>
#include <string>

#include "workload/trace_record.h"

namespace turbospec {

namespace {

// Takes digits and marks off the front of a text; remembers whether all of them fitted.
class DateText {
 public:
  explicit DateText(std::string_view text) : rest_(text) {}

  int Number(int digits) {
    int value = 0;
    for (; digits > 0; --digits) value = value * 10 + (Mark("0123456789") - '0');
    return value;
  }

  // The next character, which must be one of `marks`.
  char Mark(std::string_view marks) {
    if (rest_.empty() || marks.find(rest_.front()) == std::string_view::npos) {
      fits_ = false;
      return marks.front();
    }
    const char mark = rest_.front();
    rest_.remove_prefix(1);
    return mark;
  }

  // ".6805900" in nanoseconds; 0 when no point follows. Digits after the ninth do not count.
  std::int64_t Fraction() {
    if (!FollowsOneOf(".")) return 0;
    Mark(".");
    std::int64_t value = 0;
    int digits = 0;
    do {
      const int digit = Number(1);
      if (digits < 9) value = value * 10 + digit;
      ++digits;
    } while (FollowsOneOf("0123456789"));
    for (; digits < 9; ++digits) value *= 10;
    return value;
  }

  // "Z", "+02:00" or nothing, in minutes.
  int OffsetMinutes() {
    if (rest_.empty()) return 0;
    const char mark = Mark("Z+-");
    if (mark == 'Z') return 0;
    const int hours = Number(2);
    Mark(":");
    const int minutes = hours * 60 + Number(2);
    return mark == '-' ? -minutes : minutes;
  }

  bool Done() const { return fits_ && rest_.empty(); }

 private:
  bool FollowsOneOf(std::string_view marks) const {
    return !rest_.empty() && marks.find(rest_.front()) != std::string_view::npos;
  }

  std::string_view rest_;
  bool fits_ = true;
};

}  // namespace

Result<std::int64_t> NanosecondsOfDate(std::string_view text) {
  using std::chrono::day, std::chrono::month, std::chrono::year;
  DateText rest(text);
  const year y(rest.Number(4));
  rest.Mark("-");
  const month m(static_cast<unsigned>(rest.Number(2)));
  rest.Mark("-");
  const day d(static_cast<unsigned>(rest.Number(2)));
  rest.Mark(" T");
  const int hours = rest.Number(2);
  rest.Mark(":");
  const int minutes = rest.Number(2);
  rest.Mark(":");
  const int seconds = rest.Number(2);
  const std::int64_t fraction = rest.Fraction();
  const int offset = rest.OffsetMinutes();
  const std::chrono::year_month_day date(y, m, d);
  // Years whose nanoseconds since 1970 fit 64 bits.
  const bool exists = date.ok() && y >= year(1900) && y <= year(2200) && hours < 24 &&
                      minutes < 60 && seconds <= 60;
  if (!rest.Done() || !exists) {
    return InvalidArgument("\"" + std::string(text.substr(0, 40)) +
                           "\" is no time like 2023-11-16 18:15:46.6805900");
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t all_seconds =
      ((days * 24 + hours) * 60 + minutes - offset) * std::int64_t{60} + seconds;
  return all_seconds * 1'000'000'000 + fraction;
}

}  // namespace turbospec
