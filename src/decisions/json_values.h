// Takes typed values out of parsed JSON and keeps the first complaint. For lines that are read by
// the hundred thousand, where JsonObject's bookkeeping per field would cost more than the reading.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace turbospec {

class JsonValues {
 public:
  using Json = nlohmann::json;

  bool ok() const { return fault_.empty(); }
  const std::string& fault() const { return fault_; }
  void Fault(std::string_view name, std::string_view what) {
    if (ok()) fault_ = "\"" + std::string(name) + "\" " + std::string(what);
  }

  template <class Integer>
  void Whole(const Json& value, std::string_view name, Integer& out,
             Integer least = std::numeric_limits<Integer>::min()) {
    using Limits = std::numeric_limits<Integer>;
    if (value.is_number_unsigned()) {
      const auto number = value.get<std::uint64_t>();
      const bool fits = number <= static_cast<std::uint64_t>(Limits::max());
      if (fits && (least <= 0 || number >= static_cast<std::uint64_t>(least))) {
        out = static_cast<Integer>(number);
        return;
      }
    } else if (value.is_number_integer() && Limits::is_signed) {
      const auto number = value.get<std::int64_t>();
      if (number >= static_cast<std::int64_t>(least)) {
        out = static_cast<Integer>(number);
        return;
      }
    }
    Fault(name, "must be a whole number in its range");
  }

  template <class Floating>
  void Number(const Json& value, std::string_view name, Floating& out) {
    if (value.is_number()) {
      out = static_cast<Floating>(value.get<double>());
    } else if (value == "inf") {
      out = std::numeric_limits<Floating>::infinity();
    } else if (value == "-inf") {
      out = -std::numeric_limits<Floating>::infinity();
    } else if (value == "nan") {
      out = std::numeric_limits<Floating>::quiet_NaN();
    } else {
      Fault(name, "must be a number");
    }
  }

  // An array of exactly so many whole numbers.
  void Wholes(const Json& value, std::string_view name, std::initializer_list<int*> out,
              int least = std::numeric_limits<int>::min()) {
    if (!IsArray(value, name, out.size())) return;
    std::size_t i = 0;
    for (int* to : out) Whole(value[i++], name, *to, least);
  }

  bool IsArray(const Json& value, std::string_view name, std::optional<std::size_t> size = {}) {
    if (value.is_array() && (!size || value.size() == *size)) return true;
    Fault(name, size ? "must be an array of " + std::to_string(*size) : "must be an array");
    return false;
  }

  void True(const Json& value, std::string_view name, bool& out) {
    if (value != true) Fault(name, "must be true or absent");
    out = true;
  }

 private:
  std::string fault_;
};

}  // namespace turbospec
