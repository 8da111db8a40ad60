// Small parts of the reports of this folder: appending formatted text, and shares of a whole.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

namespace turbospec {

template <class... Values>
void Put(std::string& out, fmt::format_string<Values...> form, Values&&... values) {
  fmt::format_to(std::back_inserter(out), form, std::forward<Values>(values)...);
}

// 0 of nothing is 0.
inline double Share(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}
inline double Share(std::int64_t part, std::int64_t whole) {
  return Share(static_cast<double>(part), static_cast<double>(whole));
}

}  // namespace turbospec
