// The body of POST /v1/chat/completions as a checked value. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "model/chat_template.h"
#include "server/api_error.h"
#include "server/generation_fields.h"

namespace turbospec {

struct ChatRequest {
  GenerationFields fields;            // sampling.logprobs included
  std::vector<ChatMessage> messages;  // at least one; text parts joined by line feeds
};

// REQUIRES: body.is_object().
ApiResult<ChatRequest> ParseChatRequest(const nlohmann::json& body, int vocabulary_size);

}  // namespace turbospec
