// Token log probabilities in the two shapes of OpenAI's API. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/generation.h"
#include "model/tokenizer.h"
#include "server/response_json.h"

namespace turbospec {

// {"tokens", "token_logprobs", "top_logprobs", "text_offset"}. `text_offset` is where the first
// token begins in the choice's text, in characters; moved past the tokens.
OutputJson CompletionLogprobs(std::span<const OutputToken> tokens, const Tokenizer& tokenizer,
                              int& text_offset);

// {"content": [{"token", "logprob", "bytes", "top_logprobs"}], "refusal": null}
OutputJson ChatLogprobs(std::span<const OutputToken> tokens, const Tokenizer& tokenizer);

// Characters that begin in `bytes`, which may cut a character at either end.
int CharactersIn(std::string_view bytes);

// "stop" or "length"; null for a choice that did not finish.
OutputJson FinishReasonJson(const std::optional<Finish>& finish);

}  // namespace turbospec
