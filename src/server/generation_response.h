// One generation from submission to its last byte: owns the requests at the engine and turns what
// they deliver into either one response or a stream of server-sent events. Knows nothing of
// sockets. Lives on its connection's strand; destroying it cancels what still runs.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "server/api_error.h"
#include "server/generation_plan.h"
#include "server/http_message.h"
#include "server/outbox.h"
#include "server/response_rendering.h"

namespace turbospec {

struct ResponseLimits {
  std::size_t max_outbox_bytes = 0;    // streams
  std::size_t max_outbox_deltas = 0;   // streams
  std::size_t max_response_bytes = 0;  // whole responses
};

class GenerationResponse {
 public:
  // Submits every choice or none. `engine` and `tokenizer` outlive the response and the engine's
  // last delivery. `wake`: see Outbox.
  static ApiResult<std::unique_ptr<GenerationResponse>> Start(GenerationPlan plan, Engine& engine,
                                                              const Tokenizer& tokenizer,
                                                              const ResponseLimits& limits,
                                                              std::function<void()> wake);
  ~GenerationResponse();
  GenerationResponse(const GenerationResponse&) = delete;
  GenerationResponse& operator=(const GenerationResponse&) = delete;

  // What to send next. A stream that fails before its first event becomes a whole response, so that
  // the client gets a status; later, the failure is an event.
  struct Progress {
    std::optional<HttpResponse> whole;
    std::string events;
    bool complete = false;  // nothing follows
    bool failed = false;    // complete, and the connection should not be kept
  };
  Progress Take();

  // The client owes more than the limits allow: cut it off.
  bool overflowed() const { return outbox_->overflowed(); }

 private:
  GenerationResponse(const GenerationPlan& plan, Engine& engine, const Tokenizer& tokenizer,
                     const ResponseLimits& limits, std::function<void()> wake);
  ApiResult<std::monostate> Submit(std::vector<GenerationRequest> requests);
  void CancelAll();
  Progress Fail(const ApiError& error);
  void Collect(ChoiceDelta delta);
  Progress Stream(const std::vector<ChoiceDelta>& deltas);

  Engine& engine_;
  const bool stream_;
  const int choices_per_prompt_;
  std::unique_ptr<ResponseRenderer> renderer_;
  std::shared_ptr<Outbox> outbox_;
  std::vector<RequestId> running_;      // by choice; those submitted
  std::vector<ChoiceDelta> collected_;  // by choice; whole responses only
  std::vector<GenerationUsage> usages_;
  int unfinished_ = 0;
  std::size_t collected_bytes_ = 0;
  const std::size_t max_response_bytes_;
  bool events_sent_ = false;
};

}  // namespace turbospec
