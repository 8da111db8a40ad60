#include "server/field_reader.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace turbospec {

using nlohmann::json;

FieldReader::FieldReader(const json& object, std::optional<ApiError>& error, std::string prefix)
    : object_(object), error_(error), prefix_(std::move(prefix)) {}

const json* FieldReader::Find(std::string_view name) const {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

const json* FieldReader::FindObject(std::string_view name) {
  const json* value = Find(name);
  if (value == nullptr || value->is_object()) return value;
  RefuseType(name, "an object", *value);
  return nullptr;
}

const json* FieldReader::FindArray(std::string_view name) {
  const json* value = Find(name);
  if (value == nullptr || value->is_array()) return value;
  RefuseType(name, "an array", *value);
  return nullptr;
}

bool FieldReader::Boolean(std::string_view name, bool fallback) {
  const json* value = Find(name);
  if (value == nullptr) return fallback;
  if (value->is_boolean()) return value->get<bool>();
  RefuseType(name, "a boolean", *value);
  return fallback;
}

std::int64_t FieldReader::Integer(std::string_view name, std::int64_t fallback, std::int64_t least,
                                  std::int64_t most) {
  const json* value = Find(name);
  if (value == nullptr) return fallback;
  const std::optional<std::int64_t> integer = AsInteger(*value);
  if (integer && *integer >= least && *integer <= most) return *integer;
  if (!value->is_number()) {
    RefuseType(name, "an integer", *value);
  } else {
    Refuse(name,
           fmt::format("must be an integer between {} and {}, got {}", least, most, value->dump()));
  }
  return fallback;
}

double FieldReader::Number(std::string_view name, double fallback, double least, double most) {
  const json* value = Find(name);
  if (value == nullptr) return fallback;
  if (!value->is_number()) {
    RefuseType(name, "a number", *value);
    return fallback;
  }
  const double number = value->get<double>();
  if (number >= least && number <= most) return number;
  Refuse(name, fmt::format("must be between {} and {}, got {}", least, most, value->dump()));
  return fallback;
}

std::string FieldReader::String(std::string_view name, std::string fallback) {
  const json* value = Find(name);
  if (value == nullptr) return fallback;
  if (value->is_string()) return value->get<std::string>();
  RefuseType(name, "a string", *value);
  return fallback;
}

void FieldReader::Refuse(std::string_view name, std::string_view reason) {
  if (error_) return;
  const std::string path = prefix_ + std::string(name);
  error_ = BadField(path, fmt::format("'{}' {}", path, reason));
}

void FieldReader::RefuseType(std::string_view name, std::string_view expected, const json& got) {
  Refuse(name, fmt::format("must be {}, got {}", expected, got.type_name()));
}

FieldReader FieldReader::Nested(std::string_view name, const json& object) const {
  return FieldReader(object, error_, fmt::format("{}{}.", prefix_, name));
}

std::optional<std::int64_t> AsInteger(const json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return std::nullopt;
    }
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_number_float()) return std::nullopt;
  // Up to 2^53 a double says exactly which integer was meant.
  const double number = value.get<double>();
  if (std::trunc(number) != number || std::abs(number) > 0x1p53) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

}  // namespace turbospec
