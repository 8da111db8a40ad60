#include "server/connection_registry.h"

#include <utility>

namespace turbospec {

std::optional<ConnectionRegistry::Id> ConnectionRegistry::Add(std::function<void()> close) {
  const std::lock_guard lock(mutex_);
  if (draining_ || close_.size() >= static_cast<std::size_t>(max_connections_)) return std::nullopt;
  close_.emplace(next_id_, std::move(close));
  return next_id_++;
}

void ConnectionRegistry::Remove(Id id) {
  const std::lock_guard lock(mutex_);
  close_.erase(id);
}

bool ConnectionRegistry::BeginExchange() {
  const std::lock_guard lock(mutex_);
  ++exchanges_;
  return !draining_;
}

void ConnectionRegistry::EndExchange() {
  const std::lock_guard lock(mutex_);
  if (--exchanges_ == 0) quiet_.notify_all();
}

void ConnectionRegistry::BeginDrain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
}

bool ConnectionRegistry::draining() const {
  const std::lock_guard lock(mutex_);
  return draining_;
}

int ConnectionRegistry::WaitUntilQuiet(Seconds limit) {
  std::unique_lock lock(mutex_);
  quiet_.wait_for(lock, limit, [this] { return exchanges_ == 0; });
  return exchanges_;
}

void ConnectionRegistry::CloseAll() {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, close] : close_) close();
}

}  // namespace turbospec
