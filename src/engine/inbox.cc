#include "engine/inbox.h"

#include <string>
#include <utility>

namespace turbospec {

Result<RequestId> Inbox::Submit(GenerationRequest request, std::shared_ptr<GenerationSink> sink,
                                Seconds now) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return Unavailable("the engine is shutting down");
  if (waiting_ >= max_waiting_) {
    return ResourceExhausted("the queue is full (" + std::to_string(max_waiting_) +
                             " requests wait for a slot); try again later");
  }
  ++waiting_;
  const RequestId id = next_id_++;
  news_.submissions.push_back({id, std::move(request), std::move(sink), now});
  has_news_.store(true, std::memory_order_release);
  arrived_.notify_one();
  return id;
}

void Inbox::Cancel(RequestId request) {
  const std::lock_guard lock(mutex_);
  news_.cancellations.push_back(request);
  has_news_.store(true, std::memory_order_release);
  arrived_.notify_one();
}

void Inbox::Stop(bool cancel_all) {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  news_.cancel_all = news_.cancel_all || cancel_all;
  has_news_.store(true, std::memory_order_release);
  arrived_.notify_one();
}

void Inbox::Take(News& news) {
  news.submissions.clear();
  news.cancellations.clear();
  news.cancel_all = false;
  if (!has_news_.load(std::memory_order_acquire)) return;
  const std::lock_guard lock(mutex_);
  std::swap(news, news_);
  has_news_.store(false, std::memory_order_release);
}

void Inbox::LeftTheQueue() {
  const std::lock_guard lock(mutex_);
  --waiting_;
}

void Inbox::WaitForNews() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [&] { return has_news_.load(std::memory_order_acquire) || stopping_; });
}

bool Inbox::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

int Inbox::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

}  // namespace turbospec
