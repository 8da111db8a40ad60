// Typed reading of the fields of one JSON object. Remembers the first field that is wrong, names it
// with what was expected, and lets parsing run on with fallbacks, so that a parser reads as a list
// of fields. Absent and null mean the fallback. One thread; no ownership.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "server/api_error.h"

namespace turbospec {

class FieldReader {
 public:
  // REQUIRES: object.is_object(). Both outlive the reader. `prefix` goes before names ("a.").
  FieldReader(const nlohmann::json& object, std::optional<ApiError>& error,
              std::string prefix = "");

  // Null when absent or null. Any type.
  const nlohmann::json* Find(std::string_view name) const;
  // Null also when of another type, which is an error.
  const nlohmann::json* FindObject(std::string_view name);
  const nlohmann::json* FindArray(std::string_view name);

  bool Boolean(std::string_view name, bool fallback);
  std::int64_t Integer(std::string_view name, std::int64_t fallback, std::int64_t least,
                       std::int64_t most);
  double Number(std::string_view name, double fallback, double least, double most);
  std::string String(std::string_view name, std::string fallback);

  // Records an error of this field unless one was recorded before.
  void Refuse(std::string_view name, std::string_view reason);
  // "'name' must be <expected>, got <type>".
  void RefuseType(std::string_view name, std::string_view expected, const nlohmann::json& got);

  FieldReader Nested(std::string_view name, const nlohmann::json& object) const;

  bool ok() const { return !error_.has_value(); }

 private:
  const nlohmann::json& object_;
  std::optional<ApiError>& error_;
  std::string prefix_;
};

// The value as a whole number if it is one that 64 bits can hold (3.0 is).
std::optional<std::int64_t> AsInteger(const nlohmann::json& value);

}  // namespace turbospec
