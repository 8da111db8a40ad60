// Generated output as the JSON texts of OpenAI's API: whole responses and the chunks of a stream.
// One implementation per endpoint. Used by one response on its connection's strand; keeps only
// references, and per choice what a stream must remember (role sent, characters so far).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/tokenizer.h"
#include "server/generation_plan.h"
#include "server/outbox.h"
#include "server/response_summary.h"

namespace turbospec {

// What rendering needs to know of a plan, whose requests are gone by then.
struct RenderOptions {
  ResponseIdentity identity;
  bool include_usage = false;
  bool logprobs = false;
  int choices = 1;
};

class ResponseRenderer {
 public:
  virtual ~ResponseRenderer() = default;

  // `choices` by index, each with its whole output.
  virtual std::string Whole(std::span<const ChoiceDelta> choices,
                            const ResponseSummary& summary) = 0;

  // The chunks for one delta, in order; none when it shows nothing. `last` is given with the delta
  // that finishes the last choice: then the usage chunk, if asked for, is among them, and the very
  // last chunk carries the timings.
  virtual std::vector<std::string> Chunks(const ChoiceDelta& delta,
                                          const ResponseSummary* last) = 0;
};

// `tokenizer` outlives the renderer.
std::unique_ptr<ResponseRenderer> MakeCompletionRenderer(RenderOptions options,
                                                         const Tokenizer& tokenizer);
std::unique_ptr<ResponseRenderer> MakeChatRenderer(RenderOptions options,
                                                   const Tokenizer& tokenizer);

}  // namespace turbospec
