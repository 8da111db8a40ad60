#include "core/json_object.h"

#include <utility>

namespace turbospec {

using nlohmann::json;

namespace {

std::string Quoted(const std::string& name) {
  return "\"" + name + "\"";
}

}  // namespace

Result<json> ParseJsonObject(std::string_view text) {
  json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return InvalidArgument("not valid JSON");
  if (!value.is_object()) return InvalidArgument("not a JSON object");
  return value;
}

const json& JsonObject::Any(const std::string& name) {
  known_.insert(name);
  const auto field = object_.find(name);
  if (field == object_.end()) {
    Fault("the field " + Quoted(name) + " is missing");
    return nothing_;
  }
  return *field;
}

std::string JsonObject::Text(const std::string& name) {
  const json& field = Any(name);
  if (!field.is_string() || field.get_ref<const std::string&>().empty()) {
    Fault(Quoted(name) + " must be a text that is not empty");
    return {};
  }
  return field.get<std::string>();
}

std::int64_t JsonObject::Integer(const std::string& name, std::int64_t least, std::int64_t most) {
  const json& field = Any(name);
  const bool huge = field.is_number_unsigned() && field.get<std::uint64_t>() > INT64_MAX;
  if (!field.is_number_integer() || huge || field.get<std::int64_t>() < least ||
      field.get<std::int64_t>() > most) {
    Fault(Quoted(name) + " must be a whole number from " + std::to_string(least) + " to " +
          std::to_string(most));
    return least;
  }
  return field.get<std::int64_t>();
}

double JsonObject::Number(const std::string& name) {
  const json& field = Any(name);
  if (!field.is_number()) {
    Fault(Quoted(name) + " must be a number");
    return 0;
  }
  return field.get<double>();
}

void JsonObject::Fault(std::string what) {
  if (!fault_) fault_ = std::move(what);
}

Status JsonObject::Finish() {
  for (const auto& field : object_.items()) {
    if (!known_.contains(field.key())) Fault("unknown field " + Quoted(field.key()));
  }
  return FirstFault();
}

Status JsonObject::FirstFault() const {
  if (fault_) return InvalidArgument(*fault_);
  return Ok();
}

}  // namespace turbospec
