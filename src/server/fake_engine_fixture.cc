#include "server/fake_engine_fixture.h"

#include <gtest/gtest.h>

#include <chrono>

namespace turbospec {
namespace {

constexpr std::chrono::seconds kPatience{60};

}  // namespace

FakeEngine::FakeEngine() {
  info_.name = "fake";
  info_.slots = 4;
}

Result<RequestId> FakeEngine::Submit(GenerationRequest request,
                                     std::shared_ptr<GenerationSink> sink) {
  const std::lock_guard lock(mutex_);
  if (accept_more_ == 0) return *refusal_;
  if (accept_more_ > 0) --accept_more_;
  const RequestId id = 100 + order_.size();
  order_.push_back(id);
  requests_.emplace(id, Live{std::move(request), std::move(sink), 0, false});
  changed_.notify_all();
  return id;
}

void FakeEngine::Cancel(RequestId request) {
  const std::lock_guard lock(mutex_);
  const auto found = requests_.find(request);
  if (found == requests_.end()) return;
  found->second.cancelled = true;
  changed_.notify_all();
}

bool FakeEngine::RunOnce() {
  const std::vector<RequestId> live = LiveIds();
  for (const RequestId id : live) {
    if (cancelled(id)) {
      Finish(id, FinishReason::kCancelled);
      continue;
    }
    Deliver(id, "ab ");
    std::unique_lock lock(mutex_);
    const Live& state = requests_.at(id);
    const bool done = state.output_tokens >= state.request.max_tokens;
    lock.unlock();
    if (done) Finish(id, FinishReason::kLength);
  }
  return !live.empty();
}

void FakeEngine::Run() {
  for (;;) {
    if (RunOnce()) continue;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] {
      for (const auto& [id, live] : requests_) {
        if (live.sink) return true;
      }
      return stopped_;
    });
    if (stopped_) return;
  }
}

void FakeEngine::Stop(StopMode) {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

EngineStatistics FakeEngine::Snapshot() const {
  EngineStatistics statistics;
  statistics.running = static_cast<int>(LiveIds().size());
  return statistics;
}

void FakeEngine::RefuseAfter(int more, Error error) {
  const std::lock_guard lock(mutex_);
  accept_more_ = more;
  refusal_ = std::move(error);
}

RequestId FakeEngine::Submitted(std::size_t n) {
  std::unique_lock lock(mutex_);
  const bool came = changed_.wait_for(lock, kPatience, [&] { return order_.size() > n; });
  EXPECT_TRUE(came) << "request " << n << " was never submitted";
  return came ? order_[n] : 0;
}

const GenerationRequest& FakeEngine::RequestOf(RequestId id) {
  const std::lock_guard lock(mutex_);
  return requests_.at(id).request;
}

void FakeEngine::Deliver(RequestId id, std::string text, std::vector<OutputToken> tokens) {
  const std::shared_ptr<GenerationSink> sink = SinkOf(id);
  if (!sink) return;
  {
    const std::lock_guard lock(mutex_);
    ++requests_.at(id).output_tokens;
  }
  sink->Deliver({id, std::move(text), std::move(tokens), std::nullopt});
}

void FakeEngine::Finish(RequestId id, FinishReason reason, std::string text) {
  End(id, MakeFinish(id, reason), std::move(text));
}

void FakeEngine::Fail(RequestId id, Error error) {
  turbospec::Finish finish = MakeFinish(id, FinishReason::kError);
  finish.error = std::move(error);
  End(id, std::move(finish), "");
}

turbospec::Finish FakeEngine::MakeFinish(RequestId id, FinishReason reason) {
  const std::lock_guard lock(mutex_);
  const Live& live = requests_.at(id);
  turbospec::Finish finish;
  finish.reason = reason;
  finish.usage.prompt_tokens = static_cast<int>(live.request.prompt.size());
  finish.usage.output_tokens = live.output_tokens;
  finish.usage.drafted = 8;
  finish.usage.accepted = 5;
  finish.usage.first_token = Seconds{0.25};
  finish.usage.total = Seconds{1.25};
  return finish;
}

void FakeEngine::End(RequestId id, turbospec::Finish finish, std::string text) {
  const std::shared_ptr<GenerationSink> sink = SinkOf(id);
  if (!sink) return;
  {
    const std::lock_guard lock(mutex_);
    requests_.at(id).sink = nullptr;
  }
  sink->Deliver({id, std::move(text), {}, std::move(finish)});
}

bool FakeEngine::cancelled(RequestId id) const {
  const std::lock_guard lock(mutex_);
  return requests_.at(id).cancelled;
}

bool FakeEngine::WaitForCancel(RequestId id) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return requests_.at(id).cancelled; });
}

std::shared_ptr<GenerationSink> FakeEngine::SinkOf(RequestId id) {
  const std::lock_guard lock(mutex_);
  return requests_.at(id).sink;
}

std::vector<RequestId> FakeEngine::LiveIds() const {
  const std::lock_guard lock(mutex_);
  std::vector<RequestId> live;
  for (const auto& [id, state] : requests_) {
    if (state.sink) live.push_back(id);
  }
  return live;
}

}  // namespace turbospec
