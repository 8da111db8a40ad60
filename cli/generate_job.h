// What `turbospec generate` is to do, one job per prompt, read from the argument, a text or a JSON
// lines file. Pure but for reading the stream.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "cli/flags.h"
#include "core/result.h"
#include "model/chat_template.h"

namespace turbospec::cli {

struct GenerateJob {
  std::string prompt{};                 // plain text, when messages is empty
  std::vector<ChatMessage> messages{};  // a conversation, through the chat template
  RequestFlags request;
};

// One JSON object per line: "prompt" (text) or "messages" ([{"role", "content"}]), and optionally
// max_tokens, temperature, top_k, top_p, min_p, seed, stop (text or list), grammar. What a line
// leaves out comes from `defaults`. kInvalidArgument names the line and the field.
Result<std::vector<GenerateJob>> ReadJsonLines(std::istream& input, const RequestFlags& defaults);

}  // namespace turbospec::cli
