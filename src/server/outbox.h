// The bounded mailbox between the engine thread, which must never wait, and the connection that
// writes to a client of unknown speed. Deliveries for one choice coalesce until they are taken;
// when more piles up than the limits allow, the content is dropped and the outbox is overflowed for
// good. Push: engine thread. Take and Close: the connection's strand. A push costs a short lock.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/generation.h"

namespace turbospec {

// Output of one choice since it was last taken.
struct ChoiceDelta {
  int choice = 0;
  std::string text;
  std::vector<OutputToken> tokens;  // only where logprobs were asked for
  std::optional<Finish> finish;
};

struct OutboxOptions {
  std::size_t max_bytes = 1024 * 1024;
  std::size_t max_deltas = 8192;
  bool keep_tokens = false;
};

class Outbox {
 public:
  // `wake` is called from Push, under a lock, when there is something to take that the owner does
  // not know of yet. It must not call back. It is never called after Close.
  Outbox(const OutboxOptions& options, std::function<void()> wake);

  void Push(int choice, OutputDelta delta);
  std::vector<ChoiceDelta> Take();
  bool overflowed() const;
  // Drops what is there and whatever comes.
  void Close();

 private:
  void Wake();

  const OutboxOptions options_;
  mutable std::mutex mutex_;
  std::function<void()> wake_;  // empty = closed
  std::vector<ChoiceDelta> content_;
  std::size_t bytes_ = 0;
  std::size_t deltas_ = 0;
  bool owner_knows_ = false;
  bool overflowed_ = false;
};

// The engine's end: forwards the deliveries of one choice.
std::shared_ptr<GenerationSink> MakeChoiceSink(std::shared_ptr<Outbox> outbox, int choice);

}  // namespace turbospec
