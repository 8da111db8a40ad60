#include "engine/engine_loop.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "core/random.h"

namespace turbospec {

Result<std::unique_ptr<Engine>> Engine::Create(EngineParts parts, const EngineOptions& options) {
  if (!parts.target || !parts.controller || !parts.tokenizer || !parts.clock) {
    return InvalidArgument("an engine needs a target, a controller, a tokenizer and a clock");
  }
  const ModelInfo& info = parts.target->info();
  if (parts.tokenizer->vocabulary_size() != info.vocabulary_size) {
    return InvalidArgument("tokenizer and target differ in vocabulary size");
  }
  if (info.max_rows_per_forward < 2 * info.slots || info.max_logits_per_forward < info.slots) {
    return InvalidArgument("the target takes " + std::to_string(info.max_rows_per_forward) +
                           " rows per call, too few for " + std::to_string(info.slots) + " slots");
  }
  if (!info.can_truncate && !parts.proposers.empty()) {
    return InvalidArgument("the target's memory cannot be truncated; use no proposers");
  }
  if (options.max_waiting < 1) return InvalidArgument("max_waiting must be at least 1");
  if (options.prefill_rows_per_step < 1) {
    return InvalidArgument("prefill_rows_per_step must be at least 1");
  }
  return std::unique_ptr<Engine>(new EngineLoop(std::move(parts), options));
}

EngineLoop::EngineLoop(EngineParts parts, const EngineOptions& options)
    : target_(std::move(parts.target)),
      tokenizer_(*parts.tokenizer),
      clock_(*parts.clock),
      options_(options),
      inbox_(options.max_waiting),
      slots_(target_->info().slots, options.reuse_at_least),
      active_(static_cast<std::size_t>(target_->info().slots)),
      speculation_(std::move(parts.controller), std::move(parts.proposers), clock_,
                   target_->info().context_per_slot),
      target_pass_(*target_, tokenizer_, clock_) {}

EngineLoop::~EngineLoop() {
  inbox_.Stop(/*cancel_all=*/true);
  TakeIn();
}

Status EngineLoop::Check(const GenerationRequest& request) const {
  const ModelInfo& info = target_->info();
  if (request.prompt.empty()) return InvalidArgument("the prompt is empty");
  if (static_cast<int>(request.prompt.size()) > info.context_per_slot) {
    return InvalidArgument("the prompt has " + std::to_string(request.prompt.size()) +
                           " tokens; the context holds " + std::to_string(info.context_per_slot));
  }
  for (const TokenId token : request.prompt) {
    if (token < 0 || token >= info.vocabulary_size) {
      return InvalidArgument("prompt token " + std::to_string(token) +
                             " is not in the vocabulary of " +
                             std::to_string(info.vocabulary_size));
    }
  }
  if (request.max_tokens < 0) return InvalidArgument("max_tokens must not be negative");
  if (!(request.weight > 0)) return InvalidArgument("weight must be positive");
  if (std::ranges::any_of(request.stop, [](const auto& s) { return s.empty(); })) {
    return InvalidArgument("a stop string must not be empty");
  }
  const SamplingParameters& sampling = request.sampling;
  const bool plain = !request.grammar && !sampling.has_penalties() && sampling.logit_bias.empty();
  if (request.rule == AcceptanceRule::kRejection && !plain) {
    return InvalidArgument(
        "the rejection rule works with temperature, top-k, top-p and min-p only; "
        "use the match rule with grammar, penalties or logit bias");
  }
  return Validate(sampling, info.vocabulary_size);
}

Result<RequestId> EngineLoop::Submit(GenerationRequest request,
                                     std::shared_ptr<GenerationSink> sink) {
  if (!sink) return InvalidArgument("a request needs a sink");
  if (Status checked = Check(request); !checked.ok()) return checked.error();
  return inbox_.Submit(std::move(request), std::move(sink), clock_.Now());
}

// --- taking in -----------------------------------------------------------------------------------

void EngineLoop::TakeIn() {
  inbox_.Take(news_);
  for (Submission& submission : news_.submissions) waiting_.push_back(std::move(submission));
  for (const RequestId id : news_.cancellations) CancelOne(id);
  if (news_.cancel_all) CancelAll();
  if (!waiting_.empty()) AdmitWaiting();
}

void EngineLoop::CancelOne(RequestId id) {
  const auto queued = std::ranges::find(waiting_, id, &Submission::id);
  if (queued != waiting_.end()) {
    Submission withdrawn = std::move(*queued);
    waiting_.erase(queued);
    return Withdraw(std::move(withdrawn));
  }
  for (const auto& request : active_) {
    if (request && request->id == id) {
      request->finish = Finish{.reason = FinishReason::kCancelled};
      return Release(*request, /*keep_kv=*/true);
    }
  }
}

void EngineLoop::CancelAll() {
  while (!waiting_.empty()) {
    Submission withdrawn = std::move(waiting_.front());
    waiting_.pop_front();
    Withdraw(std::move(withdrawn));
  }
  for (const auto& request : active_) {
    if (!request) continue;
    request->finish = Finish{.reason = FinishReason::kCancelled};
    Release(*request, /*keep_kv=*/true);
  }
}

void EngineLoop::Withdraw(Submission submission) {
  inbox_.LeftTheQueue();
  OutputDelta delta{.request = submission.id};
  delta.finish = Finish{.reason = FinishReason::kCancelled};
  delta.finish->usage.prompt_tokens = static_cast<int>(submission.request.prompt.size());
  delta.finish->usage.total = clock_.Now() - submission.submitted;
  {
    const std::lock_guard lock(statistics_mutex_);
    ++statistics_.cancelled;
  }
  submission.sink->Deliver(std::move(delta));
}

void EngineLoop::AdmitWaiting() {
  while (!waiting_.empty()) {
    const auto choice = slots_.Choose(waiting_.front().request.prompt);
    if (!choice) return;
    Submission submission = std::move(waiting_.front());
    waiting_.pop_front();
    inbox_.LeftTheQueue();
    Admit(std::move(submission), *choice);
  }
}

void EngineLoop::Admit(Submission submission, SlotTable::Choice choice) {
  GenerationRequest& asked = submission.request;
  if (!asked.seed_given) asked.sampling.seed = MixBits(options_.seed ^ MixBits(submission.id));
  const int room = target_->info().context_per_slot + 1 - static_cast<int>(asked.prompt.size());
  Sampler sampler(asked.sampling, std::move(asked.grammar), asked.prompt);
  const bool wants_rejection = asked.rule == AcceptanceRule::kRejection ||
                               (asked.rule == AcceptanceRule::kAuto && !asked.seed_given);
  const bool by_rejection = wants_rejection && sampler.plain() && !asked.sampling.greedy();
  auto request = std::unique_ptr<ActiveRequest>(new ActiveRequest{
      .id = submission.id,
      .slot = choice.slot,
      .sink = std::move(submission.sink),
      .submitted = submission.submitted,
      .prompt_size = static_cast<int>(asked.prompt.size()),
      .in_kv = choice.reused,
      .max_output = asked.max_tokens == 0 ? room : std::min(asked.max_tokens, room),
      .sampler = std::move(sampler),
      .by_rejection = by_rejection,
      .random = RandomStream(MixBits(asked.sampling.seed)),
      .text = OutputText(std::move(asked.stop)),
      .ignore_end = asked.ignore_end,
      .weight = asked.weight});
  request->tokens = std::move(asked.prompt);
  request->tokens.reserve(static_cast<std::size_t>(request->prompt_size + request->max_output));
  slots_.Occupy(choice.slot);
  // A memory that cannot be cut keeps its whole content or none.
  if (!target_->Truncate(choice.slot, choice.reused).ok()) {
    request->in_kv = target_->Truncate(choice.slot, 0).ok() ? 0 : choice.reused;
  }
  request->usage.prompt_tokens = request->prompt_size;
  request->usage.reused_prompt_tokens = request->in_kv;
  speculation_.Start(*request);
  {
    const std::lock_guard lock(statistics_mutex_);
    ++statistics_.running;
    statistics_.reused_tokens += request->in_kv;
  }
  active_[static_cast<std::size_t>(choice.slot)] = std::move(request);
}

// --- the step ------------------------------------------------------------------------------------

bool EngineLoop::RunOnce() {
  TakeIn();
  if (slots_.idle() == target_->info().slots) return false;
  Begin();
  const RowBudget left = PlanPrefill();
  speculation_.PlanDraft(step_, left);
  speculation_.Propose(step_);
  speculation_.PlanVerify(step_, left);
  BridgeWithPrompts();
  AddDecodingSegments();
  target_pass_.Run(step_);
  Commit();
  speculation_.Learn(step_);
  Count();
  ReleaseFinished();
  return true;
}

void EngineLoop::Begin() {
  step_.Clear();
  step_.started = clock_.Now();
  step_.view.target_rule = target_->info().batch_rule;
  step_.view.target_fills_gaps = target_->info().fills_gaps;
  prefilling_.clear();
  for (const auto& request : active_) {
    if (!request) continue;
    request->delta.request = request->id;
    (request->decoding() ? step_.decoding : prefilling_).push_back(request.get());
  }
}

// Beside decoding requests prompt rows are limited, so that those keep their pace. Where more wait
// than decode, the limit grows in proportion, to four times at most: a pass for a few of many slots
// is a poor one, and the sooner all decode, the better every pass is.
int EngineLoop::PrefillLimit(int decoding) const {
  constexpr int kMostTimes = 4;
  const int waiting = static_cast<int>(prefilling_.size());
  return options_.prefill_rows_per_step * std::clamp(waiting / decoding, 1, kMostTimes);
}

// Prompt rows go to the oldest requests first, so that each first token comes as early as it can.
RowBudget EngineLoop::PlanPrefill() {
  const ModelInfo& info = target_->info();
  const int decoding = static_cast<int>(step_.decoding.size());
  int left = info.max_rows_per_forward - decoding;
  if (decoding > 0) left = std::min({left, PrefillLimit(decoding), left / 2 + 1});
  std::ranges::sort(prefilling_, {}, [](const ActiveRequest* r) { return r->id; });
  int rows = 0;
  for (ActiveRequest* request : prefilling_) {
    const int fed = std::min(left - rows, request->prompt_size - request->in_kv);
    if (fed == 0) break;
    step_.segments.push_back(
        {.request = request, .fed = fed, .samples = request->in_kv + fed == request->prompt_size});
    step_.prompts.push_back({.slot = request->slot, .rows = fed});
    rows += fed;
  }
  std::ranges::sort(step_.prompts, {}, &PromptView::slot);
  step_.view.prefill_rows = rows;
  step_.view.prompts = step_.prompts;
  step_.view.prefilling = static_cast<int>(prefilling_.size());
  return {.rows = info.max_rows_per_forward - rows,
          .logits = info.max_logits_per_forward - static_cast<int>(prefilling_.size())};
}

// Under equal-length passes a slot without rows parts its neighbours. So each prompt that waits
// between decoding requests gets as many rows as the shortest of those: they ride in a pass that is
// made anyway. The oldest prompts, which have their segments already, come first in both lists.
void EngineLoop::BridgeWithPrompts() {
  if (step_.view.target_rule != BatchRule::kEqualLength || step_.decoding.size() < 2) return;
  int left = target_->info().max_rows_per_forward - step_.view.prefill_rows;
  int shortest = left;
  for (const VerifyChoice& choice : step_.verify_plan.choices) {
    const int rows = 1 + choice.verified + choice.padding;
    shortest = std::min(shortest, rows);
    left -= rows;
  }
  const std::size_t served = step_.segments.size();
  for (ActiveRequest* request : std::span(prefilling_).subspan(served)) {
    const bool between =
        request->slot > step_.decoding.front()->slot && request->slot < step_.decoding.back()->slot;
    const int missing = request->prompt_size - request->in_kv;
    const int fed = std::min({shortest, missing, left});
    if (!between || fed <= 0) continue;
    step_.segments.push_back({.request = request, .fed = fed, .samples = fed == missing});
    left -= fed;
  }
}

void EngineLoop::AddDecodingSegments() {
  for (std::size_t i = 0; i < step_.decoding.size(); ++i) {
    const VerifyChoice& choice = step_.verify_plan.choices[i];
    step_.segments.push_back({.request = step_.decoding[i],
                              .fed = 1,
                              .verified = choice.verified,
                              .padding = choice.padding,
                              .decodes = true,
                              .samples = true});
  }
  std::ranges::sort(step_.segments, {}, [](const Segment& s) { return s.request->slot; });
}

void EngineLoop::Commit() {
  const Seconds now = clock_.Now();
  for (Segment& segment : step_.segments) {
    ActiveRequest& request = *segment.request;
    GenerationUsage& usage = request.usage;
    if (segment.error) {
      request.finish = Finish{.reason = FinishReason::kError, .error = segment.error};
      continue;
    }
    if (segment.result.committed == 0) continue;
    if (usage.output_tokens == 0) usage.first_token = now - request.submitted;
    usage.output_tokens += segment.result.committed;
    usage.verified += segment.verified;
    usage.accepted += segment.result.accepted;
    usage.drafted += request.proposal.length();
    usage.steps += segment.decodes ? 1 : 0;
    if (request.finish) continue;  // delivered with its end
    request.sink->Deliver(std::exchange(request.delta, {}));
  }
}

void EngineLoop::ReleaseFinished() {
  for (const Segment& segment : step_.segments) {
    if (segment.request->finish) Release(*segment.request, /*keep_kv=*/!segment.error);
  }
}

void EngineLoop::Release(ActiveRequest& request, bool keep_kv) {
  speculation_.Finish(request);
  const int kept = keep_kv ? request.in_kv : 0;
  const bool cut = target_->Truncate(request.slot, kept).ok();
  request.tokens.resize(static_cast<std::size_t>(cut ? kept : 0));
  request.delta.request = request.id;
  request.finish->usage = request.usage;
  request.finish->usage.total = clock_.Now() - request.submitted;
  request.delta.finish = std::move(request.finish);
  {
    const std::lock_guard lock(statistics_mutex_);
    --statistics_.running;
    switch (request.delta.finish->reason) {
      case FinishReason::kStop:
      case FinishReason::kLength:
        ++statistics_.finished;
        break;
      case FinishReason::kCancelled:
        ++statistics_.cancelled;
        break;
      case FinishReason::kError:
        ++statistics_.failed;
        break;
    }
  }
  const SlotId slot = request.slot;
  const std::unique_ptr<ActiveRequest> gone = std::move(active_[static_cast<std::size_t>(slot)]);
  slots_.Release(slot, std::move(gone->tokens));
  gone->sink->Deliver(std::move(gone->delta));
}

}  // namespace turbospec
