// What can be asked and how it is put to an OpenAI-compatible server: a workload's items, or the
// lines of a prompt file, as bodies of requests. Pure but for reading a stream.
#pragma once

#include <istream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/request_source.h"
#include "core/result.h"
#include "workload/workload.h"

namespace turbospec {

// Items for arrivals to choose from, each with what it asks: bodies[i] belongs to items[i].
struct BenchPrompts {
  Workload workload;
  std::vector<nlohmann::json> bodies;
};

// The fields of an item: "prompt" or "messages", and "max_tokens".
nlohmann::json BodyOf(const WorkloadItem& item);

BenchPrompts PromptsOf(Workload workload);

// One class without a name, all of it to tune on: one JSON object a line with "prompt" (text or
// token ids) or "messages" and any other request field. Empty lines are skipped. kInvalidArgument
// names the line.
Result<BenchPrompts> ReadPromptLines(std::istream& in);

// Request fields from the command line. Both REQUIRE a JSON object.
struct BodyFields {
  nlohmann::json defaults = nlohmann::json::object();   // where a prompt does not give them
  nlohmann::json overrides = nlohmann::json::object();  // replace what a prompt gives
};

// Asks for a stream with usage, on the path that fits the body.
BenchRequest MakeBenchRequest(Seconds at, const nlohmann::json& body, const BodyFields& fields,
                              std::string class_name);

}  // namespace turbospec
