#include "server/generation_response.h"

#include <iterator>
#include <limits>
#include <utility>

namespace turbospec {
namespace {

void AppendEvent(std::string_view data, std::string& out) {
  out.append("data: ").append(data).append("\n\n");
}

OutboxOptions OutboxFor(const GenerationPlan& plan, const ResponseLimits& limits) {
  OutboxOptions options{limits.max_outbox_bytes, limits.max_outbox_deltas, plan.logprobs};
  if (!plan.stream) {
    // Nothing is owed to a client before the end; the context bounds the output.
    options.max_bytes = limits.max_response_bytes;
    options.max_deltas = std::numeric_limits<std::size_t>::max();
  }
  return options;
}

std::unique_ptr<ResponseRenderer> RendererFor(const GenerationPlan& plan,
                                              const Tokenizer& tokenizer) {
  RenderOptions options{plan.identity, plan.include_usage, plan.logprobs,
                        static_cast<int>(plan.requests.size())};
  return plan.endpoint == Endpoint::kChat ? MakeChatRenderer(std::move(options), tokenizer)
                                          : MakeCompletionRenderer(std::move(options), tokenizer);
}

// Null when the choice ended as its client wanted.
std::optional<ApiError> FailureOf(const std::optional<Finish>& finish) {
  if (!finish) return std::nullopt;
  if (finish->reason == FinishReason::kCancelled) {
    return ToApiError(Cancelled("the request was cancelled; the server may be shutting down"));
  }
  if (finish->reason != FinishReason::kError) return std::nullopt;
  return ToApiError(finish->error.value_or(Internal("generation failed")));
}

}  // namespace

ApiResult<std::unique_ptr<GenerationResponse>> GenerationResponse::Start(
    GenerationPlan plan, Engine& engine, const Tokenizer& tokenizer, const ResponseLimits& limits,
    std::function<void()> wake) {
  std::unique_ptr<GenerationResponse> response(
      new GenerationResponse(plan, engine, tokenizer, limits, std::move(wake)));
  auto submitted = response->Submit(std::move(plan.requests));
  if (!submitted.ok()) return submitted.error();
  return response;
}

GenerationResponse::GenerationResponse(const GenerationPlan& plan, Engine& engine,
                                       const Tokenizer& tokenizer, const ResponseLimits& limits,
                                       std::function<void()> wake)
    : engine_(engine),
      stream_(plan.stream),
      choices_per_prompt_(plan.choices_per_prompt),
      renderer_(RendererFor(plan, tokenizer)),
      outbox_(std::make_shared<Outbox>(OutboxFor(plan, limits), std::move(wake))),
      collected_(plan.requests.size()),
      usages_(plan.requests.size()),
      unfinished_(static_cast<int>(plan.requests.size())),
      max_response_bytes_(limits.max_response_bytes) {
  for (std::size_t i = 0; i < collected_.size(); ++i) collected_[i].choice = static_cast<int>(i);
}

GenerationResponse::~GenerationResponse() {
  outbox_->Close();
  if (unfinished_ > 0) CancelAll();
}

ApiResult<std::monostate> GenerationResponse::Submit(std::vector<GenerationRequest> requests) {
  for (std::size_t i = 0; i < requests.size(); ++i) {
    auto id = engine_.Submit(std::move(requests[i]), MakeChoiceSink(outbox_, static_cast<int>(i)));
    if (!id.ok()) return ToApiError(id.error());  // the destructor withdraws the others
    running_.push_back(*id);
  }
  return std::monostate{};
}

void GenerationResponse::CancelAll() {
  for (const RequestId id : running_) engine_.Cancel(id);
}

GenerationResponse::Progress GenerationResponse::Take() {
  std::vector<ChoiceDelta> deltas = outbox_->Take();
  for (const ChoiceDelta& delta : deltas) {
    if (auto error = FailureOf(delta.finish)) return Fail(*error);
    if (!delta.finish) continue;
    usages_[static_cast<std::size_t>(delta.choice)] = delta.finish->usage;
  }
  if (stream_) return Stream(deltas);

  for (ChoiceDelta& delta : deltas) Collect(std::move(delta));
  if (collected_bytes_ > max_response_bytes_) {
    return Fail({500, "the response grew too long; stream it instead", "", "response_too_long"});
  }
  Progress progress;
  if (unfinished_ > 0) return progress;
  progress.whole.emplace();
  progress.whole->body = renderer_->Whole(collected_, Summarise(usages_, choices_per_prompt_));
  progress.complete = true;
  return progress;
}

// The choices that still run have no reader any more.
GenerationResponse::Progress GenerationResponse::Fail(const ApiError& error) {
  outbox_->Close();
  CancelAll();
  unfinished_ = 0;
  Progress progress;
  progress.complete = true;
  if (events_sent_) {
    progress.failed = true;
    AppendEvent(RenderError(error), progress.events);
  } else {
    progress.whole = ErrorResponse(error);
  }
  return progress;
}

void GenerationResponse::Collect(ChoiceDelta delta) {
  ChoiceDelta& whole = collected_[static_cast<std::size_t>(delta.choice)];
  collected_bytes_ += delta.text.size() + delta.tokens.size() * sizeof(OutputToken);
  whole.text += delta.text;
  whole.tokens.insert(whole.tokens.end(), std::make_move_iterator(delta.tokens.begin()),
                      std::make_move_iterator(delta.tokens.end()));
  if (!delta.finish) return;
  whole.finish = std::move(delta.finish);
  --unfinished_;
}

GenerationResponse::Progress GenerationResponse::Stream(const std::vector<ChoiceDelta>& deltas) {
  Progress progress;
  for (const ChoiceDelta& delta : deltas) {
    std::optional<ResponseSummary> last;
    if (delta.finish && --unfinished_ == 0) last = Summarise(usages_, choices_per_prompt_);
    for (const std::string& chunk : renderer_->Chunks(delta, last ? &*last : nullptr)) {
      AppendEvent(chunk, progress.events);
    }
  }
  progress.complete = unfinished_ == 0;
  if (progress.complete) AppendEvent("[DONE]", progress.events);
  if (!progress.events.empty()) events_sent_ = true;
  return progress;
}

}  // namespace turbospec
