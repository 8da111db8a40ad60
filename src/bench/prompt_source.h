// The built-in source of requests: prompts, over and over, at Poisson times or as clients are free.
// A JSON lines file has one object a line with "prompt" (text or token ids) or "messages", and any
// other request field ("max_tokens", "temperature", …), which is sent as it is.
#pragma once

#include <cstdint>
#include <istream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/request_source.h"
#include "core/random.h"
#include "core/result.h"

namespace turbospec {

// One object per line; empty lines are skipped. kInvalidArgument names the line.
Result<std::vector<nlohmann::json>> ReadPromptLines(std::istream& in);

struct PromptSourceOptions {
  std::int64_t requests = 0;       // how many in all; 0 = no limit
  double requests_per_second = 0;  // mean rate of a Poisson process; 0 = all at time 0
  std::uint64_t seed = 0;          // of the arrival times
  nlohmann::json defaults = nlohmann::json::object();   // fields that a prompt does not give
  nlohmann::json overrides = nlohmann::json::object();  // fields that replace what it gives
};

class PromptSource final : public RequestSource {
 public:
  // REQUIRES: prompts is not empty and holds what ReadPromptLines yields.
  PromptSource(std::vector<nlohmann::json> prompts, PromptSourceOptions options);

  std::optional<BenchRequest> Next() override;

 private:
  const std::vector<nlohmann::json> prompts_;
  const PromptSourceOptions options_;
  RandomStream random_;
  Seconds arrival_{0};
  std::int64_t made_ = 0;
};

}  // namespace turbospec
