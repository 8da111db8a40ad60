// Strict reading of one JSON object from an untrusted file: every field is asked for by name and
// type, and what nobody asked for is refused, so that a misspelt field is not lost in silence. The
// first fault is kept and returned by Finish(); until then getters give empty values. Used by the
// readers of this folder; O(fields).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/result.h"

namespace turbospec {

// The object that `text` holds, or why there is none.
Result<nlohmann::json> ParseJsonObject(std::string_view text);

class JsonObject {
 public:
  // Borrows `object`, which REQUIRES is_object().
  explicit JsonObject(const nlohmann::json& object) : object_(object) {}

  bool Has(const std::string& name) const { return object_.contains(name); }

  // The field of that type; a fault when it is missing, of another type, empty or out of range.
  std::string Text(const std::string& name);
  std::int64_t Integer(const std::string& name, std::int64_t least, std::int64_t most);
  double Number(const std::string& name);
  // A field of any type that the caller examines itself; null (and a fault) when it is missing.
  const nlohmann::json& Any(const std::string& name);

  void Fault(std::string what);
  // The first fault, or else a complaint about a field that no call has asked for.
  Status Finish();
  // The first fault; fields that no call has asked for may stay.
  Status FirstFault() const;

 private:
  const nlohmann::json& object_;
  const nlohmann::json nothing_;
  std::set<std::string> known_;
  std::optional<std::string> fault_;
};

}  // namespace turbospec
