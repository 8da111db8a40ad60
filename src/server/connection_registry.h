// Who is connected and who is being answered: what the connection limit and a drain need to know.
// Any thread; every call is a short lock. Connections enter and leave by themselves.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "core/clock.h"

namespace turbospec {

class ConnectionRegistry {
 public:
  using Id = std::uint64_t;

  explicit ConnectionRegistry(int max_connections) : max_connections_(max_connections) {}

  // Nothing when full or draining. `close` asks the connection to end; called from any thread
  // while the connection is registered, so it must not call back.
  std::optional<Id> Add(std::function<void()> close);
  void Remove(Id id);

  // Around one exchange (request complete … response written). Begin is false while draining: the
  // exchange is counted all the same and must be answered with a refusal.
  bool BeginExchange();
  void EndExchange();

  void BeginDrain();
  bool draining() const;

  // Waits until no exchange is under way, at most `limit`. Returns how many are.
  int WaitUntilQuiet(Seconds limit);
  void CloseAll();

 private:
  const int max_connections_;
  mutable std::mutex mutex_;
  std::condition_variable quiet_;
  std::unordered_map<Id, std::function<void()>> close_;
  Id next_id_ = 0;
  int exchanges_ = 0;
  bool draining_ = false;
};

}  // namespace turbospec
