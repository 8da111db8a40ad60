// The body of POST /v1/completions as a checked value. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

#include "server/api_error.h"
#include "server/generation_fields.h"
#include "turbospec/types.h"

namespace turbospec {

inline constexpr int kMaxPrompts = 64;

// Text to be encoded, or tokens as they are.
using Prompt = std::variant<std::string, std::vector<TokenId>>;

struct CompletionRequest {
  GenerationFields fields;      // sampling.logprobs included
  std::vector<Prompt> prompts;  // 1..kMaxPrompts, none empty
};

// REQUIRES: body.is_object().
ApiResult<CompletionRequest> ParseCompletionRequest(const nlohmann::json& body,
                                                    int vocabulary_size);

}  // namespace turbospec
